/** What all charts of a page share: the x axis, smoothing, and which charts are wanted. */

import type { ComponentChildren, JSX } from "preact";
import type { XAxis } from "../lib/buckets";
import { setView, view } from "../state/view";
import { SearchIcon } from "./icons";
import { Segmented } from "./Segmented";

const axes: readonly [XAxis, string][] = [["step", "Step"], ["runtime", "Relative"], ["time", "Wall time"]];

export interface ToolbarProps {
  filter: string;
  onFilter(text: string): void;
  /** The charts are over time only. */
  timed?: boolean;
  children?: ComponentChildren;
}

export function Toolbar({ filter, onFilter, timed, children }: ToolbarProps): JSX.Element {
  const { smoothing } = view.value;
  const axis = timed && view.value.axis === "step" ? "runtime" : view.value.axis;
  return (
    <div class="toolbar" role="toolbar" aria-label="Charts">
      {children}
      <label class="search">
        <SearchIcon />
        <span class="visually-hidden">Find charts</span>
        <input type="search" placeholder="Find charts" value={filter} onInput={(event) => onFilter(event.currentTarget.value)} />
      </label>
      <span class="toolbar-space" />
      <label class="smoothing" title="Debiased exponential moving average">
        <span>Smoothing</span>
        <input
          type="range" min="0" max="0.99" step="0.01" value={smoothing}
          onInput={(event) => setView({ smoothing: Number(event.currentTarget.value) })}
        />
        <output class="num">{smoothing.toFixed(2)}</output>
      </label>
      <Segmented label="X axis" options={timed ? axes.slice(1) : axes} value={axis} onChange={(next) => setView({ axis: next })} />
    </div>
  );
}
