/** One axis: its name and ticks; dragging along it, or the arrow keys, keep only what crosses it there. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { ParallelAxis } from "../lib/parallel";

type Brush = readonly [number, number];

export interface ParallelAxisBarProps {
  axis: ParallelAxis;
  left: number;
  top: number;
  height: number;
  brush: Brush | null;
  onBrush(brush: Brush | null): void;
}

const STEP = 0.05;
/** What is so near to an end is the end. */
const NEAR = 0.02;
/** A shorter drag is a click: it takes the brush away. */
const SHORT = 0.01;

export function ParallelAxisBar({ axis, left, top, height, brush, onBrush }: ParallelAxisBarProps): JSX.Element {
  const bar = useRef<HTMLDivElement>(null);
  const from = useRef<number | null>(null);
  const placeOf = (event: PointerEvent): number => {
    const box = bar.current?.getBoundingClientRect();
    const place = box ? 1 - (event.clientY - box.top) / box.height : 0;
    return place > 1 - NEAR ? 1 : place < NEAR ? 0 : place;
  };
  const move = (event: PointerEvent): void => {
    if (from.current === null) return;
    event.stopPropagation();
    const to = placeOf(event);
    onBrush(Math.abs(to - from.current) < SHORT ? null : [Math.min(from.current, to), Math.max(from.current, to)]);
  };
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (event.key === "Escape" && brush) onBrush(null);
    else if (by === undefined) return;
    else {
      // The arrows move the lower end, with Shift the upper one.
      const [low, high] = brush ?? [0, 1];
      onBrush(event.shiftKey ? [low, Math.max(low, Math.min(1, high + by))] : [Math.max(0, Math.min(high, low + by)), high]);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="parallel-axis" style={{ left: `${left}px` }}>
      <span class="parallel-title ellipsis" title={axis.field}>{axis.title}</span>
      <div
        class="parallel-bar" ref={bar} style={{ top: `${top}px`, height: `${height}px` }} tabIndex={0} role="slider" aria-orientation="vertical"
        aria-label={`${axis.title}: keep what crosses here. Arrows move the lower end, with Shift the upper one, Escape takes it away`}
        aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round((brush?.[0] ?? 0) * 100)}
        aria-valuetext={brush ? `${Math.round(brush[0] * 100)} to ${Math.round(brush[1] * 100)} percent` : "all"}
        onKeyDown={key} onClick={(event) => event.stopPropagation()}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = placeOf(event);
          onBrush(null);
        }}
        onPointerMove={move}
        onPointerUp={() => (from.current = null)}
      >
        {brush && <span class="parallel-brush" style={{ bottom: `${brush[0] * 100}%`, height: `${(brush[1] - brush[0]) * 100}%` }} />}
      </div>
      {axis.ticks.map((tick) => <span key={tick.at} class="parallel-tick num" style={{ top: `${top + (1 - tick.at) * height}px` }}>{tick.text}</span>)}
    </div>
  );
}
