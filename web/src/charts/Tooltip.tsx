/** The legend at the pointer: runs with their values there, the nearest line marked. */

import type { JSX } from "preact";
import { type Lines, nearestFilled, type XAxis } from "../lib/buckets";
import { formatNumber } from "../lib/format";
import { placeText } from "./axes";

export interface TooltipProps {
  lines: Lines;
  names: readonly string[];
  ids: readonly string[];
  colours: readonly string[];
  axis: XAxis;
  index: number;
  left: number;
  width: number;
  front: string | null;
}

const MAX_ROWS = 12;
const REACH = 40;

export function Tooltip({ lines, names, ids, colours, axis, index, left, width, front }: TooltipProps): JSX.Element | null {
  const rows = lines.lines
    .flatMap((line) => {
      const at = nearestFilled(line.mean, index, REACH);
      if (at === null) return [];
      const [mean, min, max] = [line.mean[at] as number, line.min[at] as number, line.max[at] as number];
      return [{ run: line.run, mean, min, max }];
    })
    .sort((a, b) => b.mean - a.mean);
  if (!rows.length) return null;
  const shown = rows.length <= MAX_ROWS ? rows : around(rows, rows.findIndex((row) => ids[row.run] === front));
  const onRight = left < width / 2;
  return (
    <div class="tooltip" style={onRight ? { left: `${left + 16}px` } : { right: `${width - left + 16}px` }} aria-hidden="true">
      <div class="tooltip-head">{placeText(axis, lines.x[index] ?? 0)}</div>
      {shown.map(({ run, mean, min, max }) => (
        <div key={run} class={`tooltip-row${ids[run] === front ? " front" : ""}`}>
          <span class="swatch" style={{ background: colours[run] }} />
          <span class="tooltip-name">{names[run]}</span>
          <span class="num">{formatNumber(mean)}</span>
          {min !== max && rows.length <= 3 && (
            <span class="num faint">
              {formatNumber(min, 3)} – {formatNumber(max, 3)}
            </span>
          )}
        </div>
      ))}
      {rows.length > shown.length && <div class="tooltip-more">and {rows.length - shown.length} more</div>}
    </div>
  );
}

/** As many rows as fit, around the one in front. */
function around<T>(rows: T[], front: number): T[] {
  const from = Math.max(0, Math.min(rows.length - MAX_ROWS, front - Math.floor(MAX_ROWS / 2)));
  return rows.slice(from, from + MAX_ROWS);
}
