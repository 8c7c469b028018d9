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
