/** The run whose line lies nearest to the pointer, if one is near enough. */

import { type Lines, nearestFilled } from "../lib/buckets";

export function nearestRun(lines: Lines, index: number, away: (value: number) => number, within: number): number | null {
  let best: number | null = null;
  let distance = within;
  for (const line of lines.lines) {
    const at = line.mean[index] === null ? null : nearestFilled(line.mean, index, 40);
    if (at === null) continue;
    const here = away(line.mean[at] as number);
    if (here <= distance) [best, distance] = [line.run, here];
  }
  return best;
}
