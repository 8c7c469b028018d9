/**
 * Buckets of equal width leave the low end of a logarithmic axis empty: all of its first decades lie within the first bucket. So each
 * decade below the highest is asked for by itself, and what comes back is put together.
 */

import type { Line, Lines, XAxis } from "./buckets";

/** Decades below the highest that are looked at. */
const DECADES = 6;

/**
 * Ranges to ask for besides the whole, lowest first, each from its first number to before its second; none where the whole is fine
 * enough. `finest`: the places of a whole answer lie no nearer to each other.
 */
export function decadesOf(x: readonly number[], axis: XAxis, from: number | null, finest: boolean): [number, number][] {
  const last = x.at(-1) ?? 0;
  if (finest || !(last > 0)) return [];
  const least = Math.max(from ?? 0, axis === "step" ? 1 : last / 10 ** (DECADES + 1));
  const found: [number, number][] = [];
  for (let high = last / 10; high > least && found.length < DECADES; high /= 10) found.unshift([Math.max(least, high / 10), high]);
  return axis === "step" ? found.map(([low, high]) => [Math.ceil(low), Math.ceil(high)] as [number, number]).filter(([low, high]) => low < high) : found;
}

/** Parts of one chart, lowest first, and of the whole what lies above them. */
export function joined(parts: readonly Lines[], whole: Lines, from: number): Lines {
  const start = whole.x.findIndex((place) => place >= from);
  const rest = start < 0 ? [] : whole.x.slice(start);
  const all = [...parts, { x: rest, lines: whole.lines.map((line) => cut(line, start < 0 ? whole.x.length : start)), points: 0 }];
  const runs = [...new Set(all.flatMap((part) => part.lines.map((line) => line.run)))].toSorted((a, b) => a - b);
  const lines = runs.map((run) => {
    const own = all.map((part) => part.lines.find((line) => line.run === run) ?? empty(run, part.x.length));
    const values = (name: "mean" | "min" | "max"): Line["mean"] => own.flatMap((line) => line[name]);
    return { run, mean: values("mean"), min: values("min"), max: values("max"), filled: own.reduce((sum, line) => sum + line.filled, 0), banded: own.some((line) => line.banded) };
  });
  return { x: all.flatMap((part) => part.x), lines, points: whole.points };
}

function cut(line: Line, start: number): Line {
  const [mean, min, max] = [line.mean.slice(start), line.min.slice(start), line.max.slice(start)];
  return { ...line, mean, min, max, filled: mean.filter((value) => value != null).length };
}

function empty(run: number, length: number): Line {
  const nothing = (): Line["mean"] => Array.from({ length }, () => undefined);
  return { run, mean: nothing(), min: nothing(), max: nothing(), filled: 0, banded: false };
}
