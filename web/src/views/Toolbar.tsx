/** Above the charts of a page: which of them are wanted, and how all are drawn. */

import type { ComponentChildren, JSX } from "preact";
import { ChartControls } from "./ChartControls";
import { SearchField } from "./SearchField";

export interface ToolbarProps {
  filter: string;
  onFilter(text: string): void;
  /** What can be the x axis. */
  metrics?: readonly string[];
  /** The charts are over time only. */
  timed?: boolean;
  children?: ComponentChildren;
}

const none: readonly string[] = [];

export function Toolbar({ filter, onFilter, metrics = none, timed = false, children }: ToolbarProps): JSX.Element {
  return (
    <div class="toolbar" role="toolbar" aria-label="Charts">
      {children}
      <SearchField label="Find charts" value={filter} onInput={onFilter} />
      <span class="toolbar-space" />
      <ChartControls metrics={metrics} timed={timed} />
    </div>
  );
}
