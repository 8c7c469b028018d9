/** A list of runs with those of a group together: rows of a tree, of which the folded parts are left out. Pure. */

export interface Groupable {
  id: string;
  group: string | null;
  job_type: string | null;
  state: string;
}

export type GroupRow<R> =
  | { kind: "run"; key: string; depth: number; run: R }
  | { kind: "group"; key: string; depth: number; name: string; runs: R[]; states: [string, number][]; open: boolean };

export function isGrouped(runs: readonly Groupable[]): boolean {
  return runs.some((run) => run.group || run.job_type);
}

/** Groups stand where their first run stood, then by job type if a group has several; runs without a group stay by themselves. */
export function groupRows<R extends Groupable>(runs: readonly R[], open: ReadonlySet<string>): GroupRow<R>[] {
  return level(runs, [(run) => run.group, (run) => run.job_type], "", 0, open);
}

function level<R extends Groupable>(
  runs: readonly R[], by: readonly ((run: R) => string | null)[], prefix: string, depth: number, open: ReadonlySet<string>,
): GroupRow<R>[] {
  const [nameOf, ...rest] = by;
  const parts = new Map<string, R[]>();
  for (const run of runs) {
    const name = nameOf?.(run);
    const key = name ? `${prefix}/${name}` : `\0${run.id}`;
    parts.set(key, [...(parts.get(key) ?? []), run]);
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

/** How many are in each state, the most frequent first. */
function statesOf(runs: readonly Groupable[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1]);
}
