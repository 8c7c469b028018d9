/** The run that is open: itself, its segments, its keys. Fresh while the stream says that it moves. */

import { signal } from "@preact/signals";
import { deleteRun, getRun, getRunKeys, getSegments, patchRun } from "../api/resources";
import type { Run, RunPatch, Segment, Series } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { recallColours } from "./colours";
import { load, loading } from "./loading";
import { forgetRun, learnRun, openProject, pulse } from "./project";

interface Place {
  entity: string;
  project: string;
  id: string;
}

const place = signal<Place | null>(null);
export const run = loading<Run>();
export const segments = loading<Segment[]>();
export const series = loading<{ history: Series[]; system: Series[] }>();

/** Opens a run; the answer closes it. */
export function openRun(entity: string, project: string, id: string): () => void {
  const here = { entity, project, id };
  place.value = here;
  run.value = { data: undefined, error: undefined };
  segments.value = { data: undefined, error: undefined };
  series.value = { data: undefined, error: undefined };
  recallColours(`${entity}/${project}`);
  openProject(entity, project, false);
  void fetchAll();
  const unsubscribe = pulse.subscribe((news) => {
    if (news.runs.has(id) || news.runs.has("*")) refresh.ask();
  });
  return () => {
    unsubscribe();
    refresh.cancel();
    if (place.value === here) place.value = null;
  };
}

async function fetchAll(): Promise<void> {
  const here = place.value;
  if (!here) return;
  const { entity, project, id } = here;
  const alive = (): boolean => place.value === here;
  await Promise.all([
    load(run, () => getRun(entity, project, id), alive),
    load(segments, () => getSegments(entity, project, id), alive),
    load(series, async () => {
      const [history, system] = await Promise.all([
        getRunKeys(entity, project, id, "history"),
        getRunKeys(entity, project, id, "system"),
      ]);
      return { history, system };
    }, alive),
  ]);
}

const refresh = new Coalesced(fetchAll, 900);

/** Change the open run; throws what the server said. */
export async function editRun(patch: RunPatch): Promise<void> {
  const here = place.value;
  if (!here) return;
  const changed = await patchRun(here.entity, here.project, here.id, patch);
  learnRun(changed);
  if (place.value === here) run.value = { data: changed, error: undefined };
}

export async function removeRun(): Promise<void> {
  const here = place.value;
  if (!here) return;
  await deleteRun(here.entity, here.project, here.id);
  forgetRun(here.id);
}
