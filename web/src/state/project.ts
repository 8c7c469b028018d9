/**
 * The project that is open: its runs, the keys they log, and the live stream that keeps both fresh. A run page opens its
 * project too, since the stream is the project's.
 */

import { computed, signal } from "@preact/signals";
import { listen } from "../api/events";
import { getProjectKeys, getRun, getRuns } from "../api/resources";
import type { ProjectKeys, Run, RunsEvent } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { fieldsOf } from "../lib/fields";
import { learnColours } from "./colours";
import { type Loaded, load, loading } from "./loading";

const FIRST_PAGE = 100;
const PAGE = 500;
const MAX_RUNS = 20_000;
/** More changed runs than this and the newest page is fetched instead of each. */
const MANY = 8;

export const place = signal<{ entity: string; project: string } | null>(null);
/** Newest first. */
export const runs = loading<Run[]>();
export const keys = loading<ProjectKeys>();
export const runIds = computed(() => (runs.value.data ?? []).map((run) => run.id));
/** How many runs tell which fields there are. */
const SEEN = 1_000;
/** Fields of the config, of the summary, that the newest runs have. */
export const configFields = computed(() => fieldsOf((runs.value.data ?? []).slice(0, SEEN), "config"));
export const summaryFields = computed(() => fieldsOf((runs.value.data ?? []).slice(0, SEEN), "summary"));
export const connection = signal<"connecting" | "live" | "lost">("connecting");

/** What the stream said last, for charts and consoles: a number that grows, and the runs concerned. */
export const pulse = signal<{ count: number; runs: ReadonlySet<string> }>({ count: 0, runs: new Set() });

let stop: () => void = () => {};
let changed = new Set<string>();

/** Open a project; whether the whole list of runs is wanted, or the stream alone. */
export function openProject(entity: string, project: string, withRuns: boolean): void {
  const here = place.value;
  if (here?.entity !== entity || here.project !== project) {
    closeProject();
    place.value = { entity, project };
    stop = listen(entity, project, { onRuns, onOpen, onLost: () => (connection.value = "lost") });
  }
  if (withRuns) {
    void loadRuns();
    void loadKeys();
  }
}

export function closeProject(): void {
  stop();
  stop = () => {};
  refresh.cancel();
  refreshKeys.cancel();
  changed = new Set();
  place.value = null;
  connection.value = "connecting";
  runs.value = keys.value = { data: undefined, error: undefined } as Loaded<never>;
}

async function loadRuns(): Promise<void> {
  const here = place.value;
  if (!here) return;
  const alive = (): boolean => place.value === here;
  let cursor: string | undefined;
  const all: Run[] = [];
  await load(runs, async () => {
    const page = await getRuns(here.entity, here.project, FIRST_PAGE);
    cursor = page.next ?? undefined;
    all.push(...page.items);
    return ordered(merge(all, runs.value.data ?? []));
  }, alive);
  if (alive() && !runs.value.data && (runs.value.error?.status === 404 || runs.value.error?.status === 403)) {
    stop();
    connection.value = "connecting";
  }
  while (cursor && alive() && all.length < MAX_RUNS) {
    const page = await getRuns(here.entity, here.project, PAGE, cursor).catch(() => null);
    if (!page || !alive()) return;
    all.push(...page.items);
    setRuns(merge(all, runs.value.data ?? []));
    cursor = page.next ?? undefined;
  }
  if (cursor || !alive() || runs.value.error) return;
  // What the server no longer lists was deleted while nobody listened; what is newer than its list came meanwhile.
  const ids = new Set(all.map((run) => run.id));
  const newest = all[0]?.created_at ?? 0;
  const kept = (runs.value.data ?? []).filter((run) => ids.has(run.id) || run.created_at > newest);
  if (kept.length !== runs.value.data?.length) setRuns(kept);
}

async function loadKeys(): Promise<void> {
  const here = place.value;
  if (here) await load(keys, () => getProjectKeys(here.entity, here.project), () => place.value === here);
}

function ordered(list: Run[]): Run[] {
  const sorted = [...list].toSorted((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));
  learnColours(`${place.value?.entity}/${place.value?.project}`, sorted.map((run) => run.id).toReversed());
  return sorted;
}

/** Both lists as one; of a run that is in both, the one that was changed later. */
function merge(list: readonly Run[], other: readonly Run[]): Run[] {
  const byId = new Map(list.map((run) => [run.id, run]));
  for (const run of other) if ((byId.get(run.id)?.updated_at ?? -1) <= run.updated_at) byId.set(run.id, run);
  return [...byId.values()];
}

function setRuns(list: Run[]): void {
  runs.value = { data: ordered(list), error: undefined };
}

/** The same runs, some of them changed: their order, by when they were made, is still the same. */
function keepOrder(list: Run[]): void {
  runs.value = { data: list, error: undefined };
}

/** A run as somebody got it anew (an edit, the run's own page). */
export function learnRun(run: Run): void {
  const list = runs.value.data;
  if (!list) return;
  if (list.some((other) => other.id === run.id)) keepOrder(list.map((other) => (other.id === run.id ? run : other)));
  else setRuns([...list, run]);
}

export function forgetRun(id: string): void {
  const list = runs.value.data;
  if (list) keepOrder(list.filter((run) => run.id !== id));
}

function onOpen(again: boolean): void {
  connection.value = "live";
  if (!again) return;
  // Something may have happened while nobody listened.
  if (runs.value.data) {
    void loadRuns();
    refreshKeys.ask();
  }
  pulse.value = { count: pulse.value.count + 1, runs: new Set(["*"]) };
}

function onRuns(event: RunsEvent): void {
  for (const id of event.removed ?? []) forgetRun(id);
  if (!event.runs.length) return;
  const ids = new Set(event.runs.map((run) => run.id));
  const list = runs.value.data;
  if (list) {
    const news = new Map(event.runs.map((run) => [run.id, run]));
    keepOrder(list.map((run) => (news.has(run.id) ? { ...run, ...news.get(run.id) } : run)));
    for (const id of ids) changed.add(id);
    refresh.ask();
    refreshKeys.ask();
  }
  pulse.value = { count: pulse.value.count + 1, runs: ids };
}

const refresh = new Coalesced(async () => {
  const here = place.value;
  if (!here) return;
  const ids = [...changed];
  changed = new Set();
  const fresh = ids.length > MANY
    ? (await getRuns(here.entity, here.project, FIRST_PAGE).catch(() => null))?.items ?? []
    : (await Promise.all(ids.map((id) => getRun(here.entity, here.project, id).catch(() => null)))).filter((run) => run !== null);
  if (place.value === here && fresh.length) setRuns(merge(runs.value.data ?? [], fresh));
}, 900);

const refreshKeys = new Coalesced(loadKeys, 2_000);
