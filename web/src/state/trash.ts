/** The trash of a project: runs go in and come back. */

import { signal } from "@preact/signals";
import { deleteRun, getTrash, restoreRun } from "../api/resources";
import type { Run } from "../api/types";
import { allPages } from "../lib/pages";
import { load, loading } from "./loading";
import { forgetRun, learnRun } from "./project";

const MAX_RUNS = 5_000;

/** Runs that were thrown away last, one after the other: what undo brings back. */
export const thrown = signal<readonly Run[]>([]);
/** Milliseconds between two deeds that are one for whoever did them. */
const TOGETHER = 2_000;
let thrownAt = 0;
export const trash = loading<Run[]>();

/** Into the trash; throws what the server said. */
export async function throwAway(run: Run): Promise<void> {
  await deleteRun(run.entity, run.project, run.id);
  forgetRun(run.id);
  const now = performance.now();
  thrown.value = now - thrownAt < TOGETHER ? [...thrown.value, run] : [run];
  thrownAt = now;
}

/** Out of the trash again; throws what the server said. */
export async function restore({ entity, project, id }: Run): Promise<void> {
  const back = await restoreRun(entity, project, id);
  forget(id);
  drop(id);
  learnRun(back);
}

/** For ever; throws what the server said. */
export async function destroy({ entity, project, id }: Run): Promise<void> {
  await deleteRun(entity, project, id, true);
  forget(id);
  drop(id);
}

function forget(id: string): void {
  thrown.value = thrown.value.filter((run) => run.id !== id);
}

export function openTrash(entity: string, project: string): void {
  trash.value = { data: undefined, error: undefined };
  void load(trash, async () => {
    const { items } = await allPages((cursor) => getTrash(entity, project, cursor), MAX_RUNS);
    return items.toSorted((a, b) => (b.deleted_at ?? 0) - (a.deleted_at ?? 0));
  });
}

function drop(id: string): void {
  const list = trash.peek().data;
  if (list) trash.value = { data: list.filter((run) => run.id !== id), error: undefined };
}
