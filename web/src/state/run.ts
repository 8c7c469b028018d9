/** The run that is open: itself, its segments, forks, marks and keys. Fresh while the stream says that it moves. */

import { computed, effect, signal } from "@preact/signals";
import { getChildren, getMarks, getRun, getRunKeys, getSegments, patchRun, postHead, stopRun } from "../api/resources";
import type { Mark, Run, RunPatch, RunRef, Segment, Series } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { recallColours } from "./colours";
import { load, loading } from "./loading";
import { segment } from "./place";
import { learnRun, moved, openProject, pulse } from "./project";

interface Place {
  entity: string;
  project: string;
  id: string;
}

export const place = signal<Place | null>(null);
export const run = loading<Run>();
export const segments = loading<Segment[]>();
/** Of the segment that is looked at. */
export const series = loading<{ history: Series[]; system: Series[] }>();
/** What has a place on the timeline of that segment and is no row, by step. */
export const marks = loading<Mark[]>();
/** Changes when a file is saved: at work, a run does so seldom. null: not known yet. */
export const saved = computed(() => {
  const times = marks.value.data?.flatMap(({ kind, time }) => (kind === "file" ? time : []));
  return times ? `${times.length}/${times.reduce((last, time) => Math.max(last, time), 0)}` : null;
});
/** Runs that were forked from this one. */
export const children = loading<RunRef[]>();
/** The head of before the page turned the timeline: what undo brings back. */
export const formerHead = signal<string | null>(null);

/** Opens a run; the answer closes it. */
export function openRun(entity: string, project: string, id: string): () => void {
  const here = { entity, project, id };
  place.value = here;
  for (const one of [run, segments, series, marks, children]) one.value = { data: undefined, error: undefined };
  formerHead.value = null;
  recallColours(`${entity}/${project}`);
  openProject(entity, project, false);
  void fetchRun();
  const unfollow = effect(() => {
    void segment.value;
    void fetchSegment();
  });
  const unsubscribe = pulse.subscribe((news) => {
    if (moved(news, [id])) refresh.ask();
  });
  return () => {
    unfollow();
    unsubscribe();
    refresh.cancel();
    if (place.value === here) place.value = null;
  };
}

async function fetchRun(): Promise<void> {
  const here = place.peek();
  if (!here) return;
  const { entity, project, id } = here;
  const alive = (): boolean => place.peek() === here;
  await Promise.all([
    load(run, () => getRun(entity, project, id), alive),
    load(segments, () => getSegments(entity, project, id), alive),
    load(children, () => getChildren(entity, project, id), alive),
  ]);
}

/** What belongs to the segment that is looked at. */
async function fetchSegment(): Promise<void> {
  const here = place.peek();
  if (!here) return;
  const { entity, project, id } = here;
  const at = segment.peek();
  const alive = (): boolean => place.peek() === here && segment.peek() === at;
  await Promise.all([
    load(marks, () => getMarks(entity, project, id, at ?? undefined), alive),
    load(series, async () => {
      const [history, system] = await Promise.all([
        getRunKeys(entity, project, id, "history", at ?? undefined),
        getRunKeys(entity, project, id, "system", at ?? undefined),
      ]);
      return { history, system };
    }, alive),
  ]);
}

async function fetchAll(): Promise<void> {
  await Promise.all([fetchRun(), fetchSegment()]);
}

const refresh = new Coalesced(fetchAll, 900);

function learn(here: Place, changed: Run): void {
  learnRun(changed);
  if (place.peek() === here) run.value = { data: changed, error: undefined };
}

/** Change the open run; throws what the server said. */
export async function editRun(patch: RunPatch): Promise<void> {
  const here = place.value;
  if (!here) return;
  learn(here, await patchRun(here.entity, here.project, here.id, patch));
}

/** Choose the run's head; throws what the server said. What was the head can be brought back. */
export async function turn(at: { segment?: string; step?: number }): Promise<void> {
  const here = place.peek();
  if (!here) return;
  const before = run.peek().data?.head ?? null;
  const changed = await postHead(here.entity, here.project, here.id, at);
  learn(here, changed);
  if (place.peek() !== here) return;
  formerHead.value = changed.head === before ? null : before;
  await fetchAll();
}

/** Ask the open run's training to stop; throws what the server said. */
export async function stop(): Promise<void> {
  const here = place.peek();
  if (here) learn(here, await stopRun(here.entity, here.project, here.id));
}
