/** A chart's own switches: log axis, size, full screen, saving. */

import type { JSX } from "preact";
import { setFull, toggleLog } from "../state/view";

export interface ChartToolsProps {
  chartKey: string;
  title: string;
  log: boolean;
  zoomed: boolean;
  onResetZoom(): void;
  wide: boolean;
  onWide(wide: boolean): void;
  /** It fills the window. */
  full: boolean;
  /** What happened to the last question, if it went wrong. */
  stale: string | null;
  /** null: there is nothing to save. */
  onSave: ((kind: "png" | "csv") => void) | null;
}

export function ChartTools({ chartKey, title, log, zoomed, onResetZoom, wide, onWide, full, stale, onSave }: ChartToolsProps): JSX.Element {
  return (
    <span class="chart-tools">
      {stale && <span class="chart-stale" role="status" title={stale}>not up to date</span>}
      {zoomed && <button type="button" class="chip" onClick={onResetZoom} title="Show everything again (double click)">Reset zoom</button>}
      <button type="button" class="chip" aria-pressed={log} onClick={() => toggleLog(chartKey)} title="Logarithmic y axis">log</button>
      {onSave && (
        <>
          <button type="button" class="chip" aria-label={`Save ${title} as PNG`} aria-pressed={false} onClick={() => onSave("png")} title="Save as a picture">PNG</button>
          <button type="button" class="chip" aria-label={`Save ${title} as CSV`} aria-pressed={false} onClick={() => onSave("csv")} title="Save what is drawn as a table">CSV</button>
        </>
      )}
      {!full && (
        <>
          <button type="button" class="chip" aria-pressed={wide} onClick={() => onWide(!wide)} aria-label={`Larger ${title}`} title={wide ? "Smaller" : "Larger"}>{wide ? "−" : "+"}</button>
          <button type="button" class="chip" aria-pressed={false} onClick={() => setFull(chartKey)} aria-label={`Full screen ${title}`} title="Full screen (f)">⤢</button>
        </>
      )}
    </span>
  );
}
