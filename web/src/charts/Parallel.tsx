/** Parallel coordinates: a line a run, on a canvas; the axes over it are to be dragged along to keep only what crosses them there. */

import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { textOf } from "../lib/fields";
import { type Brushes, nearestLine, type ParallelAxis, rampColour } from "../lib/parallel";
import { runColour } from "../state/colours";
import { theme } from "../state/theme";
import { useWidth } from "./onScreen";
import { ParallelAxisBar } from "./ParallelAxisBar";

export interface ParallelProps {
  runs: readonly Run[];
  axes: readonly ParallelAxis[];
  brushes: Brushes;
  onBrush(field: string, brush: readonly [number, number] | null): void;
  /** Which runs lie within all brushes. */
  good: readonly boolean[];
  onOpen(run: Run): void;
}

const LOWEST = 380;
/** Pixels of the window that it does not have. */
const AROUND = 250;
const TOP = 44;
const BOTTOM = 16;
/** Pixels left and right of the outermost axes, and the least between two. */
const SIDE = 70;
const LEAST = 120;
/** How near to a line the pointer touches it, as a share of the height. */
const TOUCH = 0.04;
const BITS = 12;

export function Parallel({ runs, axes, brushes, onBrush, good, onOpen }: ParallelProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = Math.max(useWidth(host), 2 * SIDE + LEAST * (axes.length - 1));
  const [front, setFront] = useState<{ run: number; x: number; y: number } | null>(null);
  const gap = axes.length > 1 ? (width - 2 * SIDE) / (axes.length - 1) : 0;
  const [height] = useState(() => Math.max(LOWEST, window.innerHeight - AROUND));
  const inner = height - TOP - BOTTOM;
  const colours = useMemo(() => {
    const last = axes.at(-1);
    return runs.map((run, at) => {
      const place = last?.places[at];
      return last && last.kind !== "text" ? (place == null ? "#888888" : rampColour(place, theme.value)) : runColour(run.id);
    });
  }, [runs, axes, theme.value]);

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !canvas.current) return;
    const scale = devicePixelRatio;
    canvas.current.width = width * scale;
    canvas.current.height = height * scale;
    context.scale(scale, scale);
    const path = (run: number): Path2D => lineOf(axes.map((axis) => axis.places[run] ?? null), gap, inner);
    const stroke = (run: number, colour: string, alpha: number, thick: number): void => {
      context.strokeStyle = colour;
      context.globalAlpha = alpha;
      context.lineWidth = thick;
      context.stroke(path(run));
    };
    const alpha = Math.max(0.25, Math.min(0.85, 60 / Math.max(1, good.filter(Boolean).length)));
    runs.forEach((_, run) => !good[run] && stroke(run, "#888888", 0.12, 1));
    runs.forEach((_, run) => good[run] && stroke(run, colours[run] ?? "#888888", front ? alpha * 0.4 : alpha, 1.4));
    if (front) stroke(front.run, colours[front.run] ?? "#888888", 1, 3);
  }, [runs, axes, good, colours, width, front?.run]);

  const move = (event: PointerEvent): void => {
    const box = canvas.current?.getBoundingClientRect();
    if (!box || axes.length < 2) return;
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const run = nearestLine(axes, good, (x - SIDE) / gap, 1 - (y - TOP) / inner, TOUCH);
    setFront(run === null ? null : { run, x, y });
  };
  const named = front && runs[front.run];
  return (
    <div class="parallel" ref={host} tabIndex={0} role="region" aria-label={`Parallel coordinates of ${runs.length} runs`}>
      <div
        class={`parallel-inner${front ? " touching" : ""}`} style={{ width: `${width}px`, height: `${height}px` }} onPointerMove={move} onPointerLeave={() => setFront(null)}
        onClick={() => named && onOpen(named)} onKeyDown={(event) => event.key === "Enter" && named && onOpen(named)}
      >
        <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
        {axes.map((axis, at) => (
          <ParallelAxisBar
            key={axis.field} axis={axis} left={SIDE + at * gap} top={TOP} height={inner} brush={brushes[axis.field] ?? null}
            onBrush={(brush) => onBrush(axis.field, brush)}
          />
        ))}
        {named && front && (
          <div class="tooltip" style={{ left: `${Math.min(front.x + 14, width - 240)}px`, top: `${Math.min(front.y, height - 40)}px` }} aria-hidden="true">
            <div class="tooltip-row front"><span class="swatch" style={{ background: runColour(named.id) }} /><span class="tooltip-name">{named.name}</span></div>
            {axes.slice(-BITS).map((axis) => <div key={axis.field} class="tooltip-row"><span class="tooltip-name soft">{axis.title}</span><span class="num">{textOf(named, axis.field) || "–"}</span></div>)}
          </div>
        )}
      </div>
    </div>
  );
}

/** Level at each axis; broken where a value is missing. */
function lineOf(places: readonly (number | null)[], gap: number, height: number): Path2D {
  const path = new Path2D();
  const y = (place: number): number => TOP + (1 - place) * height;
  places.forEach((place, at) => {
    if (place === null) return;
    const before = at > 0 ? (places[at - 1] ?? null) : null;
    const x = SIDE + at * gap;
    if (before === null) {
      path.moveTo(x - 4, y(place));
      path.lineTo(x, y(place));
      return;
    }
    // This is `ease`, along which the pointer looks for it.
    path.bezierCurveTo(x - (gap * 2) / 3, y(before), x - gap / 3, y(place), x, y(place));
  });
  return path;
}
