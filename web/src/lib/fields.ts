/**
 * What a run can be listed, sorted, grouped and compared by: its own properties, and every value of its config and summary under
 * `config.…` and `summary.…`, nested ones with dots.
 */

import { formatDateTime, formatDuration } from "./format";
import { formatValue } from "./tree";

export interface Described {
  id: string;
  name: string;
  state: string;
  created_at: number;
  runtime: number;
  step: number;
  user: string;
  group: string | null;
  job_type: string | null;
  notes: string | null;
  tags: readonly string[];
  config: Record<string, unknown>;
  summary: Record<string, unknown>;
}

/** A run's own properties, in the order in which they are offered. */
export const own = ["state", "created", "duration", "step", "tags", "group", "job_type", "user", "notes", "id"] as const;

const names: Record<string, string> = {
  name: "Name", state: "State", created: "Started", duration: "Duration", step: "Step", tags: "Tags", group: "Group", job_type: "Job type",
  user: "By", notes: "Notes", id: "Run id",
};

/** What a field is called, without `config.` or `summary.` in front. */
export function titleOf(field: string): string {
  return (Object.hasOwn(names, field) ? names[field] : undefined) ?? field.slice(field.indexOf(".") + 1);
}

export function kindOf(field: string): "config" | "summary" | "run" {
  if (field.startsWith("config.")) return "config";
  return field.startsWith("summary.") ? "summary" : "run";
}

/** Whether an order goes by what runs log, so that it changes while they are at work. */
export function isOfSummary(order: string): boolean {
  return /^-?summary\./.test(order);
}

export function valueOf(run: Described, field: string): unknown {
  if (field.startsWith("config.")) return pick(run.config, field.slice(7));
  if (field.startsWith("summary.")) return pick(run.summary, field.slice(8));
  if (field === "created") return run.created_at;
  if (field === "duration") return run.runtime;
  if (field === "tags") return run.tags.length ? run.tags.join(", ") : null;
  return Object.hasOwn(names, field) ? (run as unknown as Record<string, unknown>)[field] : undefined;
}

/** A value by its dotted path; names may have dots of their own. */
function pick(values: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(values, path)) return values[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const inner = values[path.slice(0, dot)];
    if (isPlain(inner)) {
      const found = pick(inner, path.slice(dot + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** A field's value as it is shown; empty if the run has none. */
export function textOf(run: Described, field: string): string {
  const value = valueOf(run, field);
  if (value === undefined || (value === null && kindOf(field) === "run")) return "";
  if (field === "created") return formatDateTime(run.created_at);
  if (field === "duration") return formatDuration(run.runtime);
  return formatValue(value);
}

const MAX_DEPTH = 8;

/** All `config.…` or `summary.…` fields that some of these runs have; by how many have it, then by name. Server's own (`_step`) are left out. */
export function fieldsOf(runs: readonly Described[], kind: "config" | "summary"): string[] {
  const counts = new Map<string, number>();
  const walk = (values: Record<string, unknown>, prefix: string, depth: number): void => {
    for (const name in values) {
      if (depth === 0 && name.startsWith("_")) continue;
      const value = values[name];
      const field = `${prefix}.${name}`;
      if (depth < MAX_DEPTH && isPlain(value) && !("_type" in value) && Object.keys(value).length) walk(value, field, depth + 1);
      else counts.set(field, (counts.get(field) ?? 0) + 1);
    }
  };
  for (const run of runs) walk(run[kind], kind, 0);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || collator.compare(a, b)).map(([field]) => field);
}

/**
 * All `config.…` or `summary.…` fields among what the server names, in its order. What was logged as media is one field, whatever
 * parts it has; server's own (`summary._step`) are left out.
 */
export function fieldsOfColumns(columns: readonly { name: string; kinds: readonly string[] }[], kind: "config" | "summary"): string[] {
  const named = columns.filter(({ name }) => name.startsWith(`${kind}.`) && !name.startsWith(`${kind}._`));
  const media = new Set(named.filter(({ name }) => name.endsWith("._type")).map(({ name }) => name.slice(0, -"._type".length)));
  const inMedia = (name: string): boolean => {
    for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) if (media.has(name.slice(0, dot))) return true;
    return false;
  };
  return named.filter(({ name, kinds }) => media.has(name) || (!inMedia(name) && kinds.some((one) => one !== "object"))).map(({ name }) => name);
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Order of two values: numbers by size, then texts, then what is not there. NaN stands behind all numbers. */
export function compareValues(a: unknown, b: unknown): number {
  const [m, n] = [rank(a), rank(b)];
  if (m !== n) return m - n;
  if (m === 0) return Number(a) - Number(b);
  return m === 2 ? collator.compare(String(formatValue(a)), String(formatValue(b))) : 0;
}

function rank(value: unknown): number {
  if (typeof value === "number" || typeof value === "boolean") return Number.isNaN(value) ? 1 : 0;
  return value === undefined || value === null || value === "" ? 3 : 2;
}

/** `runs` by a field, `-` in front for descending; what has no value comes last either way. Equal ones keep their order. */
export function sortRuns<R extends Described>(runs: readonly R[], order: string): R[] {
  const down = order.startsWith("-");
  const field = down ? order.slice(1) : order;
  const keyed = runs.map((run) => ({ run, value: valueOf(run, field) }));
  return keyed
    .toSorted((a, b) => {
      const [m, n] = [rank(a.value), rank(b.value)];
      if (m !== n && (m === 3 || n === 3)) return m - n;
      return down ? compareValues(b.value, a.value) : compareValues(a.value, b.value);
    })
    .map(({ run }) => run);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
