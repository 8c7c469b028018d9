/** Lists of runs that the server told of at different times, as one. */

export interface Told {
  id: string;
  created_at: number;
  updated_at: number;
}

/** Both lists as one; of a run that is in both, the one that was changed later, or else that of the second list. */
export function merged<R extends Told>(list: readonly R[], other: readonly R[]): R[] {
  const byId = new Map(list.map((run) => [run.id, run]));
  for (const run of other) if ((byId.get(run.id)?.updated_at ?? -1) <= run.updated_at) byId.set(run.id, run);
  return [...byId.values()];
}

export function newestFirst<R extends Told>(list: readonly R[]): R[] {
  return list.toSorted((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));
}
