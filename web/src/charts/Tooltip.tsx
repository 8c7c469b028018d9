/** The legend at the pointer: runs with their values there, the nearest line marked. */

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { nearestFilled } from "../lib/buckets";
import { formatNumber } from "../lib/format";
import { placeText } from "./axes";
import type { Picture } from "./picture";

export interface TooltipProps {
  picture: Picture;
  index: number;
  /** Where the pointer is, in pixels from the chart's left edge. */
  left: number;
  front: string | null;
}

const MAX_ROWS = 12;
const REACH = 40;
/** Pixels between pointer and tooltip, and between tooltip and the window's edge. */
const GAP = 16;
const EDGE = 8;

export function Tooltip({ picture, index, left, front }: TooltipProps): JSX.Element | null {
  const { lines, drawn, ids, names, colours, axis, smoothed, grouped } = picture;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (box.current) place(box.current, left);
  });
  const rows = lines.lines
    .flatMap((line, nth) => {
      if (line.mean[index] === null) return [{ run: line.run, value: Number.NaN, detail: "or infinite" }];
      const at = nearestFilled(line.mean, index, REACH);
      if (at === null) return [];
      const [min, max] = [line.min[at] as number, line.max[at] as number];
      const range = min === max ? "" : `${formatNumber(min, 3)} – ${formatNumber(max, 3)}`;
      // Beside a smoothed value stands what was logged, else what the bucket spans.
      return [{ run: line.run, value: drawn[nth]?.[at] as number, detail: smoothed && !grouped ? formatNumber(line.mean[at] as number) : range }];
    })
    .toSorted((a, b) => Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value)) || b.value - a.value);
  if (!rows.length) return null;
  const shown = rows.length <= MAX_ROWS ? rows : around(rows, rows.findIndex((row) => ids[row.run] === front));
  return (
    <div class="tooltip" ref={box} aria-hidden="true">
      <div class="tooltip-head">{placeText(axis, lines.x[index] ?? 0)}</div>
      {shown.map(({ run, value, detail }) => (
        <div key={run} class={`tooltip-row${ids[run] === front ? " front" : ""}`}>
          <span class="swatch" style={{ background: colours[run] }} />
          <span class="tooltip-name">{names[run]}</span>
          <span class="num">{formatNumber(value)}</span>
          {detail && rows.length <= 3 && <span class="num faint">{detail}</span>}
        </div>
      ))}
      {rows.length > shown.length && <div class="tooltip-more">and {rows.length - shown.length} more</div>}
    </div>
  );
}

/** Beside the pointer, on the side where there is room, and within the window. */
function place(box: HTMLElement, left: number): void {
  const host = box.parentElement?.getBoundingClientRect();
  if (!host) return;
  const { offsetWidth: width, offsetHeight: height } = box;
  const { clientWidth, clientHeight } = document.documentElement;
  const right = host.left + left + GAP;
  const x = right + width <= clientWidth - EDGE ? right : Math.max(EDGE, host.left + left - GAP - width);
  const y = Math.max(EDGE, Math.min(host.top + 6, clientHeight - EDGE - height));
  box.style.left = `${x - host.left}px`;
  box.style.top = `${y - host.top}px`;
}

/** As many rows as fit, around the one in front. */
function around<T>(rows: T[], front: number): T[] {
  const from = Math.max(0, Math.min(rows.length - MAX_ROWS, front - Math.floor(MAX_ROWS / 2)));
  return rows.slice(from, from + MAX_ROWS);
}
