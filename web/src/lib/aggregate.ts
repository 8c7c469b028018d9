/** Lines of runs as one line a group: the mean of those that are there, with a band around it. */

import type { Line, Lines, Value } from "./buckets";

/** What the band spans: lowest to highest, a standard deviation, or the mean's standard error, to both sides. */
export type Spread = "range" | "deviation" | "error";

/** `groupOf` has the group of each run by the run's index in the question; the answer's lines have the group's index as their run. */
export function groupLines({ x, lines, points }: Lines, groupOf: readonly number[], spread: Spread): Lines {
  const groups = new Map<number, Line[]>();
  for (const line of lines) {
    const group = groupOf[line.run];
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), line]);
  }
  const merged = [...groups].toSorted(([a], [b]) => a - b).map(([group, members]) => merge(group, members, x, spread));
  return { x, lines: merged, points };
}

function merge(group: number, members: readonly Line[], x: readonly number[], spread: Spread): Line {
  const filled = members.map((line) => ({ mean: interpolate(line.mean, x), min: interpolate(line.min, x), max: interpolate(line.max, x) }));
  const band = x.map((_, at): [Value, Value, Value] => {
    const here = filled.filter((line) => line.mean[at] != null);
    if (!here.length) return [undefined, undefined, undefined];
    const values = here.map((line) => line.mean[at] as number);
    const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (spread !== "range") return [middle, ...around(values, middle, spread)];
    return [middle, Math.min(...here.map((line) => line.min[at] as number)), Math.max(...here.map((line) => line.max[at] as number))];
  });
  const [mean, min, max] = ([0, 1, 2] as const).map((which) => band.map((values) => values[which])) as [Value[], Value[], Value[]];
  const count = mean.filter((value) => value != null).length;
  return { run: group, mean, min, max, filled: count, banded: members.length > 1 || members.some((line) => line.banded) };
}

function around(values: readonly number[], middle: number, spread: Spread): [number, number] {
  const variance = values.length > 1 ? values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1) : 0;
  const away = Math.sqrt(variance) / (spread === "error" ? Math.sqrt(values.length) : 1);
  return [middle - away, middle + away];
}

/** Where a run has nothing between two of its values, what a straight line between them has. */
function interpolate(values: readonly Value[], x: readonly number[]): Value[] {
  const result = [...values];
  let last = -1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === undefined) continue;
    const from = last < 0 ? null : values[last];
    if (value !== null && from != null) {
      const [left, width] = [x[last] as number, (x[at] as number) - (x[last] as number)];
      for (let between = last + 1; between < at; between++) result[between] = from + ((value - from) * ((x[between] as number) - left)) / width;
    }
    last = at;
  }
  return result;
}
