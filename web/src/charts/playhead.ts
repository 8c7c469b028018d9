/** The playhead in a chart: a line where it stands, a veil over what comes after. Plain elements over the canvas, so nothing is drawn anew. */

import type uPlot from "uplot";
import { metricOf, type XAxis } from "../lib/buckets";

export interface Cursor {
  step: number;
  /** Seconds; null while it is not known. */
  time: number | null;
  runtime: number | null;
  /** What the run's metrics were then. */
  values: Record<string, unknown>;
}

/** Pixels: the axis begins in the middle of the first bucket, and one may stand before that. */
const NEAR = 4;

function placeOn(axis: XAxis, cursor: Cursor): number | null {
  const metric = metricOf(axis);
  if (metric === null) return cursor[axis as "step" | "time" | "runtime"];
  const value = cursor.values[metric];
  return typeof value === "number" ? value : null;
}

export class PlayheadMark {
  private readonly line = document.createElement("div");
  private readonly veil = document.createElement("div");
  private cursor: Cursor | null = null;

  constructor(private readonly plot: uPlot, private readonly axis: XAxis) {
    this.line.className = "playhead-line";
    this.veil.className = "playhead-veil";
    this.line.hidden = this.veil.hidden = true;
    plot.over.append(this.veil, this.line);
  }

  move(cursor: Cursor | null): void {
    this.cursor = cursor;
    this.place();
  }

  /** Where it belongs now; to be called when the axis has changed. */
  place(): void {
    const value = this.cursor && placeOn(this.axis, this.cursor);
    const width = this.plot.over.clientWidth;
    const known = value !== null && this.plot.scales["x"]?.min != null;
    const x = known ? Math.min(width, this.plot.valToPos(value, "x")) : 0;
    // What the axis does not reach has no line, but all that is shown may lie behind it.
    this.line.hidden = !known || x < -NEAR || x > width;
    this.veil.hidden = !known;
    if (!known) return;
    this.line.style.transform = `translateX(${Math.max(0, x)}px)`;
    this.veil.style.left = `${Math.max(0, x)}px`;
  }
}
