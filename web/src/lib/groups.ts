/** A list of runs with those of a group together: rows of a tree, of which the folded parts are left out. Pure. */

import { type Described, textOf, titleOf } from "./fields";

export interface Groupable {
  id: string;
  group: string | null;
  job_type: string | null;
  state: string;
}

export type GroupRow<R> =
  | { kind: "run"; key: string; depth: number; run: R }
  | { kind: "group"; key: string; depth: number; name: string; runs: R[]; states: [string, number][]; open: boolean };

/**
 * Groups by a field's value stand where their first run stood, those of `group` then by job type if a group has several; runs without
 * a value stay by themselves.
 */
export function groupRows<R extends Groupable & Described>(runs: readonly R[], by: string, open: ReadonlySet<string>): GroupRow<R>[] {
  return level(runs, by === "group" ? [(run) => run.group, (run) => run.job_type] : [(run) => groupName(run, by)], "", 0, open);
}

/** The group of a run; null if it has no value. */
export function groupName(run: Described, by: string): string | null {
  return textOf(run, by) || null;
}

function level<R extends Groupable>(
  runs: readonly R[], by: readonly ((run: R) => string | null)[], prefix: string, depth: number, open: ReadonlySet<string>,
): GroupRow<R>[] {
  const [nameOf, ...rest] = by;
  const parts = new Map<string, R[]>();
  for (const run of runs) {
    const name = nameOf?.(run);
    const key = name ? `${prefix}/${name}` : `\0${run.id}`;
    const part = parts.get(key);
    if (part) part.push(run);
    else parts.set(key, [run]);
  }
  // One job type for all of a group tells nothing.
  if (depth > 0 && parts.size === 1) return runs.map((run) => ({ kind: "run", key: run.id, depth, run }));
  return [...parts].flatMap(([key, inside]): GroupRow<R>[] => {
    const first = inside[0] as R;
    if (key.startsWith("\0")) return [{ kind: "run", key: first.id, depth, run: first }];
    const isOpen = open.has(key);
    const head = { kind: "group" as const, key, depth, name: nameOf?.(first) ?? "", runs: inside, states: statesOf(inside), open: isOpen };
    return isOpen ? [head, ...level(inside, rest, key, depth + 1, open)] : [head];
  });
}

/** Groups to draw as one line each: their names, and the group of each run by its id. */
export interface Grouping {
  names: string[];
  of: ReadonlyMap<string, number>;
}

export function groupingOf(runs: readonly Described[], by: string): Grouping {
  const numbers = new Map<string, number>();
  const of = new Map<string, number>();
  for (const run of runs) {
    const name = groupName(run, by) ?? `No ${titleOf(by).toLowerCase()}`;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    of.set(run.id, number);
  }
  return { names: [...numbers.keys()], of };
}

/** How many are in each state, the most frequent first. */
function statesOf(runs: readonly Groupable[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1]);
}
