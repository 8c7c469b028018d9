/** What lies under a chart's lines: each run's min–max band, and its unsmoothed line when the line on top is smoothed. */

import type uPlot from "uplot";
import type { Line } from "../lib/buckets";
import type { Picture } from "./picture";
import { faded } from "./theme";

/** With more runs than this on a chart their bands would be one fog; only the run in front keeps its own. */
export const MAX_BANDS = 12;

export function drawUnderlay(plot: uPlot, picture: Picture, front: string | null): void {
  const { ctx, bbox } = plot;
  const lines = picture.lines.lines;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const line of lines) {
    const id = picture.ids[line.run] ?? null;
    const colour = picture.colours[line.run] ?? "#888888";
    const behind = front !== null && front !== id;
    if (line.banded && !behind && (lines.length <= MAX_BANDS || front === id)) fillBand(plot, picture, line, faded(colour, 0.15));
    if (picture.smoothed && !behind) strokeRaw(plot, picture, line, faded(colour, 0.3));
  }
  ctx.restore();
}

function places(plot: uPlot, picture: Picture): { x: (index: number) => number; y: (value: number) => number } {
  const bottom = plot.bbox.top + plot.bbox.height;
  return {
    x: (index) => plot.valToPos(picture.lines.x[index] as number, "x", true),
    y: (value) => (picture.log && value <= 0 ? bottom : plot.valToPos(value, "y", true)),
  };
}

function fillBand(plot: uPlot, picture: Picture, line: Line, colour: string): void {
  const { x, y } = places(plot, picture);
  const outline = new Path2D();
  for (const filled of stretches(line)) {
    filled.forEach((index, i) => outline[i ? "lineTo" : "moveTo"](x(index), y(line.max[index] as number)));
    for (const index of filled.toReversed()) outline.lineTo(x(index), y(line.min[index] as number));
    outline.closePath();
  }
  plot.ctx.fillStyle = colour;
  plot.ctx.fill(outline);
}

/** Places of the values between which the line is not broken. */
function stretches(line: Line): number[][] {
  const found: number[][] = [[]];
  line.mean.forEach((value, index) => {
    if (value === null) found.push([]);
    else if (value !== undefined) found.at(-1)?.push(index);
  });
  return found.filter((indexes) => indexes.length);
}

function strokeRaw(plot: uPlot, picture: Picture, line: Line, colour: string): void {
  const { x, y } = places(plot, picture);
  const path = new Path2D();
  for (const filled of stretches(line)) {
    filled.forEach((index, i) => path[i ? "lineTo" : "moveTo"](x(index), y(line.mean[index] as number)));
  }
  plot.ctx.strokeStyle = colour;
  plot.ctx.lineWidth = devicePixelRatio;
  plot.ctx.lineJoin = "round";
  plot.ctx.stroke(path);
}
