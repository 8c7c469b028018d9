/**
 * From the columns of a chart to lines: one common x for all runs, and what each run has in every bucket.
 * Where a run has nothing the value is undefined, and the chart joins what lies around it; where all that it has is NaN or
 * infinite the value is null, and the line is broken.
 */

import type { Columns } from "./columns";

/** What charts are drawn over; `metric:loss` is another metric. */
export type XAxis = "step" | "runtime" | "time" | `metric:${string}`;

/** The metric that is the x axis; null if it is none. */
export function metricOf(axis: XAxis): string | null {
  return axis.startsWith("metric:") ? axis.slice("metric:".length) : null;
}

export type Value = number | null | undefined;

export interface Line {
  /** Index of the run in the question. */
  run: number;
  mean: Value[];
  min: Value[];
  max: Value[];
  /** Buckets that hold something. */
  filled: number;
  /** Whether some bucket holds more than one value, so that there is a band to draw. */
  banded: boolean;
}

export interface Lines {
  x: number[];
  lines: Line[];
  /** Points behind the picture, and those of them that are NaN or infinite. */
  points: number;
}

const MICROSECONDS = 1_000_000;

/** The place on the x axis at which a bucket is drawn: its middle, of whole steps the middle of those in it; seconds for times. */
export function bucketPlace(axis: XAxis, lo: number, width: number, bucket: number): number {
  if (metricOf(axis) !== null) return lo + (bucket + 0.5) * width;
  const from = Math.ceil(lo + bucket * width);
  const to = Math.max(from, Math.ceil(lo + (bucket + 1) * width) - 1);
  const middle = (from + to) / 2;
  return axis === "step" ? middle : middle / MICROSECONDS;
}

/** Units of the page's axis (steps or seconds) to units of the question (steps or microseconds). */
export function toWire(axis: XAxis, value: number): number {
  return axis === "runtime" || axis === "time" ? value * MICROSECONDS : value;
}

export function toLines(answer: Columns, axis: XAxis, runs: number): Lines {
  const { run, bucket, count, min, max, mean } = answer.columns;
  const lo = Number(answer.meta["lo"] ?? 0);
  const width = Number(answer.meta["width"] ?? 1);
  if (!run || !bucket || !count || !min || !max || !mean) return { x: [], lines: [], points: 0 };

  const places = new Map<number, number>();
  for (const cell of [...new Set(bucket)].toSorted((a, b) => a - b)) places.set(cell, places.size);
  const x = [...places.keys()].map((cell) => bucketPlace(axis, lo, width, cell));

  const byRun: (Line | undefined)[] = Array.from({ length: runs });
  let points = 0;
  for (let i = 0; i < run.length; i++) {
    const index = run[i] as number;
    const line = (byRun[index] ??= emptyLine(index, x.length));
    const place = places.get(bucket[i] as number) as number;
    points += count[i] as number;
    const value = mean[i] as number;
    if (!Number.isFinite(value)) {
      line.mean[place] = line.min[place] = line.max[place] = null;
      continue;
    }
    line.mean[place] = value;
    line.min[place] = min[i] as number;
    line.max[place] = max[i] as number;
    line.filled += 1;
    if (min[i] !== max[i]) line.banded = true;
  }
  return { x, lines: byRun.filter((line) => line !== undefined), points };
}

function emptyLine(run: number, length: number): Line {
  const nothing = (): Value[] => Array.from({ length }, () => undefined);
  return { run, mean: nothing(), min: nothing(), max: nothing(), filled: 0, banded: false };
}

/** Without what a logarithmic x axis cannot show. */
export function fromPositive({ x, lines, points }: Lines): Lines {
  const from = x.findIndex((place) => place > 0);
  if (from === 0) return { x, lines, points };
  const cut = <T,>(values: T[]): T[] => (from < 0 ? [] : values.slice(from));
  return { x: cut(x), lines: lines.map((line) => ({ ...line, mean: cut(line.mean), min: cut(line.min), max: cut(line.max) })), points };
}

/** Index of the value nearest to `index` that is there, at most `reach` away; null if there is none. */
export function nearestFilled(values: ArrayLike<Value>, index: number, reach: number): number | null {
  for (let away = 0; away <= reach; away++) {
    if (values[index - away] != null) return index - away;
    if (values[index + away] != null) return index + away;
  }
  return null;
}
