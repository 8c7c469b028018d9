/** Ranges of a chart's axes. Pure: what is drawn decides, no pixels. */

import type { Line } from "../lib/buckets";

/** Lowest and highest value that the lines and their bands reach; only positive ones count on a logarithmic axis. */
export function extent(lines: readonly Line[], log: boolean, bands: boolean): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  const take = (value: number | null | undefined): void => {
    if (value == null || (log && value <= 0)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const line of lines) {
    for (let i = 0; i < line.mean.length; i++) {
      take(line.mean[i]);
      if (bands) {
        take(line.min[i]);
        take(line.max[i]);
      }
    }
  }
  return low <= high ? [low, high] : null;
}

/** Values that are looked at to find what is usual. */
const SAMPLE = 20_000;
/** Share of the values on either side that may be left out. */
const TAIL = 0.02;

/** The same without the few values that lie far from all others. */
export function clippedExtent(lines: readonly Line[], log: boolean, bands: boolean): [number, number] | null {
  const whole = extent(lines, log, bands);
  const values: number[] = [];
  const columns = lines.flatMap((line) => (bands ? [line.mean, line.min, line.max] : [line.mean]));
  const stride = Math.max(1, Math.floor(columns.reduce((sum, column) => sum + column.length, 0) / SAMPLE));
  for (const column of columns) {
    for (let i = 0; i < column.length; i += stride) {
      const value = column[i];
      if (value != null && !(log && value <= 0)) values.push(log ? Math.log10(value) : value);
    }
  }
  if (!whole || values.length < 10) return whole;
  const sorted = Float64Array.from(values).toSorted();
  const [low, high] = [sorted[Math.floor(TAIL * (sorted.length - 1))] as number, sorted[Math.ceil((1 - TAIL) * (sorted.length - 1))] as number];
  if (low === high) return whole;
  const room = (high - low) * 0.25;
  const [from, to] = log ? [10 ** (low - room), 10 ** (high + room)] : [low - room, high + room];
  return [Math.max(whole[0], from), Math.min(whole[1], to)];
}

export function yRange(found: [number, number] | null, log: boolean): [number, number] {
  if (!found) return log ? [0.1, 10] : [0, 1];
  const [low, high] = found;
  if (log) {
    const reach = Math.max(0.02, Math.log10(high / low) * 0.05);
    return low === high ? [low / 2, high * 2] : [low * 10 ** -reach, high * 10 ** reach];
  }
  if (low === 0 && high === 0) return [0, 1];
  if (low === high) {
    const around = Math.abs(low) * 0.1 || 1;
    return [low - around, high + around];
  }
  const room = (high - low) * 0.06;
  // A line that never goes below zero does not get an axis that does.
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

export function xRange(x: readonly number[], zoom: [number, number] | null): [number, number] {
  if (zoom) return zoom;
  const [first, last] = [x[0] ?? 0, x.at(-1) ?? 1];
  return first === last ? [first - 0.5, last + 0.5] : [first, last];
}
