/** The table of runs: which columns a new reader gets, what a group's row says, what differs between runs. */

import { type Described, textOf, valueOf } from "./fields";
import { formatDuration, formatNumber } from "./format";
import { toCsv } from "./chartcsv";
import { formatValue } from "./tree";

export type Aggregate = "mean" | "min" | "max" | "median";

const OWN = ["state", "created", "duration", "tags"];
const CONFIG = 4;
const SUMMARY = 5;
const AXES = 6;
/** So many columns and axes a new reader gets at most. */
export const MOST_COLUMNS = OWN.length + CONFIG + SUMMARY;
export const MOST_AXES = AXES + 1;
/** Runs that tell whether a field differs. */
const SEEN = 200;

export function defaultColumns(runs: readonly Described[], config: readonly string[], summary: readonly string[]): string[] {
  const some = runs.slice(0, SEEN);
  const numbers = summary.filter((field) => some.some((run) => typeof valueOf(run, field) === "number"));
  return [...OWN, ...differing(some, config).slice(0, CONFIG), ...numbers.slice(0, SUMMARY)];
}

/** Axes for parallel coordinates: what differs in the config, then the metric that the runs end with. */
export function defaultAxes(runs: readonly Described[], config: readonly string[], summary: readonly string[]): string[] {
  const some = runs.slice(0, SEEN);
  const numbers = differing(some, summary).filter((field) => some.some((run) => typeof valueOf(run, field) === "number"));
  const goal = ["acc", "loss", "score", "reward"].map((word) => numbers.find((field) => field.includes(word))).find((field) => field) ?? numbers[0];
  return [...differing(some, config).slice(0, AXES), ...(goal ? [goal] : [])];
}

/** `before`, and behind it what of `now` is new: `most` in all. The same array if nothing is. */
export function grown(before: readonly string[] | undefined, now: readonly string[], most: number): readonly string[] {
  if (!before) return now;
  const more = now.filter((field) => !before.includes(field)).slice(0, Math.max(0, most - before.length));
  return more.length ? [...before, ...more] : before;
}

/** Those of `fields` that are not the same for all runs that have them: what one run alone has tells nothing of the others. */
export function differing(runs: readonly Described[], fields: readonly string[]): string[] {
  return fields.filter((field) => {
    let first = "";
    return runs.some((run) => {
      const text = textOf(run, field);
      first ||= text;
      return text !== "" && text !== first;
    });
  });
}

/** Columns of numbers: the beginning tells. */
export function numericColumns(runs: readonly Described[], columns: readonly string[]): Set<string> {
  const some = runs.slice(0, 20);
  return new Set(columns.filter((field) => field !== "created" && some.some((run) => typeof valueOf(run, field) === "number")));
}

/** What a column says of a group: numbers as one, texts if all are the same, else how many there are. */
export function summarise(runs: readonly Described[], field: string, how: Aggregate): { text: string; title: string; numeric: boolean } {
  const values = runs.map((run) => valueOf(run, field)).filter((value) => value !== undefined && value !== null);
  if (!values.length) return { text: "", title: "", numeric: false };
  if (field !== "created" && values.every((value) => typeof value === "number")) {
    const numbers = (values as number[]).filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
    if (!numbers.length) return { text: "NaN", title: "", numeric: true };
    const [low, high] = [numbers[0] as number, numbers.at(-1) as number];
    const say = (value: number): string => (field === "duration" ? formatDuration(value) : formatNumber(value, 5));
    const title = `${say(low)} to ${say(high)}, mean ${say(aggregated(numbers, "mean"))}, ${numbers.length} of ${runs.length} runs`;
    return { text: say(aggregated(numbers, how)), title, numeric: true };
  }
  const texts = new Set(runs.map((run) => textOf(run, field)).filter(Boolean));
  const [only] = texts;
  if (field === "created") return { text: "", title: "", numeric: false };
  return texts.size === 1 ? { text: only ?? "", title: "", numeric: false } : { text: `${texts.size} values`, title: [...texts].slice(0, 20).join("\n"), numeric: false };
}

function aggregated(sorted: readonly number[], how: Aggregate): number {
  if (how === "min") return sorted[0] as number;
  if (how === "max") return sorted.at(-1) as number;
  if (how === "mean") return sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}

/** The table as a file: exact values. */
export function runsCsv(runs: readonly Described[], columns: readonly string[]): string {
  const exact = (run: Described, field: string): unknown => {
    const value = valueOf(run, field);
    if (field === "created") return new Date(run.created_at / 1000).toISOString();
    return typeof value === "object" && value !== null ? formatValue(value) : value;
  };
  return toCsv([["id", "name", ...columns], ...runs.map((run) => [run.id, run.name, ...columns.map((field) => exact(run, field))])]);
}
