/** Parallel coordinates: where each run crosses each axis, 0 at the bottom and 1 at the top. */

import { compareValues, type Described, titleOf, valueOf } from "./fields";
import { formatNumber } from "./format";
import { formatValue } from "./tree";

export interface ParallelAxis {
  field: string;
  title: string;
  kind: "number" | "log" | "text";
  ticks: { at: number; text: string }[];
  /** Of each run, in their order; null if the run has no value. */
  places: (number | null)[];
}

export type Brushes = Readonly<Record<string, readonly [number, number]>>;

const TICKS = 5;
/** From this ratio of the largest to the smallest on, an axis of positive numbers is logarithmic. */
const WIDE = 50;
/** Texts that an axis names. */
const NAMED = 24;

export function axisOf(runs: readonly Described[], field: string): ParallelAxis {
  const values = runs.map((run) => valueOf(run, field));
  const there = values.filter((value) => value !== undefined && value !== null);
  const title = titleOf(field);
  if (there.length && there.every((value) => typeof value === "number")) return numbers(field, title, values as (number | undefined)[]);
  const texts = [...new Map(there.toSorted(compareValues).map((value) => [formatValue(value), value])).keys()];
  const place = new Map(texts.map((text, at) => [text, texts.length > 1 ? at / (texts.length - 1) : 0.5]));
  const stride = Math.max(1, Math.ceil(texts.length / NAMED));
  return {
    field, title, kind: "text",
    ticks: texts.filter((_, at) => at % stride === 0).map((text) => ({ at: place.get(text) ?? 0, text })),
    places: values.map((value) => (value === undefined || value === null ? null : (place.get(formatValue(value)) ?? null))),
  };
}

function numbers(field: string, title: string, values: readonly (number | null | undefined)[]): ParallelAxis {
  const finite = values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
  const [low, high] = finite.length ? [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))] : [0, 1];
  const log = low > 0 && high / low >= WIDE;
  const [from, to] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const span = to - from || 1;
  const place = (value: number): number => (low === high ? 0.5 : ((log ? Math.log10(value) : value) - from) / span);
  const few = [...new Set(finite)];
  const ticks = few.length <= TICKS + 1 ? few.map((value) => ({ at: place(value), text: formatNumber(value) })) : Array.from({ length: TICKS }, (_, step) => {
    const at = step / (TICKS - 1);
    return { at, text: formatNumber(log ? 10 ** (from + at * span) : from + at * span, 3) };
  });
  return { field, title, kind: log ? "log" : "number", ticks, places: values.map((value) => (typeof value === "number" && Number.isFinite(value) ? place(value) : null)) };
}

/** Which runs lie within all brushes. */
export function passing(axes: readonly ParallelAxis[], brushes: Brushes, runs: number): boolean[] {
  const wanted = axes.flatMap((axis) => {
    const brush = brushes[axis.field];
    return brush ? [{ places: axis.places, brush }] : [];
  });
  return Array.from({ length: runs }, (_, run) => wanted.every(({ places, brush: [low, high] }) => {
    const place = places[run];
    return place != null && place >= low - 1e-9 && place <= high + 1e-9;
  }));
}

/** The run whose line is nearest to a point, `x` in axes (0 to their number less one), `y` from 0 to 1; null if none is near. */
export function nearestLine(axes: readonly ParallelAxis[], good: readonly boolean[], x: number, y: number, within: number): number | null {
  const left = Math.max(0, Math.min(axes.length - 2, Math.floor(x)));
  const share = x - left;
  let [best, distance]: [number | null, number] = [null, within];
  good.forEach((on, run) => {
    const [a, b] = [axes[left]?.places[run], axes[left + 1]?.places[run]];
    if (!on || a == null || b == null) return;
    const away = Math.abs(a + (b - a) * ease(share) - y);
    if (away <= distance) [best, distance] = [run, away];
  });
  return best;
}

/** The course of a line between two axes: level at both. */
export function ease(share: number): number {
  return share * share * (3 - 2 * share);
}

/** From the lowest to the highest: a scale that is told apart with any colour vision, on light and dark. */
export function rampColour(at: number, theme: "light" | "dark"): string {
  const stops = theme === "dark" ? ["#6f7bf0", "#4fb3d9", "#6fcf97", "#f2d15c"] : ["#3b2fa8", "#2377a8", "#1f9c73", "#d9a400"];
  const place = Math.max(0, Math.min(0.9999, at)) * (stops.length - 1);
  const [from, to] = [stops[Math.floor(place)] ?? "#888888", stops[Math.floor(place) + 1] ?? "#888888"];
  const share = place - Math.floor(place);
  const part = (colour: string, index: number): number => Number.parseInt(colour.slice(1 + 2 * index, 3 + 2 * index), 16);
  return `#${[0, 1, 2].map((index) => Math.round(part(from, index) * (1 - share) + part(to, index) * share).toString(16).padStart(2, "0")).join("")}`;
}
