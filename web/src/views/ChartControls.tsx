/** How all charts of a page are drawn: their x axis, smoothing, and what is seldom wanted. */

import type { JSX } from "preact";
import { metricOf, type XAxis } from "../lib/buckets";
import type { SmoothingKind } from "../lib/smoothing";
import { setView, view } from "../state/view";
import { AxisPicker } from "./AxisPicker";
import { ChartOptions } from "./ChartOptions";
import { Segmented } from "./Segmented";

const axes: readonly [XAxis, string][] = [["step", "Step"], ["runtime", "Relative"], ["time", "Wall time"]];
const kinds: readonly [SmoothingKind, string][] = [["exponential", "Exponential"], ["gaussian", "Gaussian"], ["mean", "Running mean"]];

export interface ChartControlsProps {
  /** What can be the x axis. */
  metrics: readonly string[];
  /** The charts are over time only. */
  timed?: boolean;
}

export function ChartControls({ metrics, timed = false }: ChartControlsProps): JSX.Element {
  const axis = timed && view.value.axis !== "time" ? "runtime" : view.value.axis;
  return (
    <>
      <Smoothing />
      <span class="axis-choice">
        <Segmented label="X axis" options={timed ? axes.slice(1) : axes} value={axis} onChange={(next) => setView({ axis: next })} />
        {!timed && metrics.length > 0 && <AxisPicker metrics={metrics} value={metricOf(axis)} />}
      </span>
      <ChartOptions timed={timed} />
    </>
  );
}

function Smoothing(): JSX.Element {
  const { smoothing, smoothingKind } = view.value;
  return (
    <span class="smoothing">
      <label class="smoothing-weight">
        <span>Smoothing</span>
        <input type="range" min="0" max="0.99" step="0.01" value={smoothing} onInput={(event) => setView({ smoothing: Number(event.currentTarget.value) })} />
        <output class="num">{smoothing.toFixed(2)}</output>
      </label>
      {smoothing > 0 && (
        <select class="select" aria-label="Kind of average" value={smoothingKind} onChange={(event) => setView({ smoothingKind: event.currentTarget.value as SmoothingKind })}>
          {kinds.map(([kind, name]) => <option key={kind} value={kind}>{name}</option>)}
        </select>
      )}
    </span>
  );
}
