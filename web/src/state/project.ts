/**
 * The project that is open: its runs, the keys they log, and the live stream that keeps both fresh. A run page opens its
 * project too, since the stream is the project's.
 *
 * Runs are listed without their config and summary, but for the values that something on the page shows (`wantValues`).
 */

import { computed, signal } from "@preact/signals";
import { listen } from "../api/events";
import { getColumns, getProject, getProjectKeys, getRuns, getRunsById } from "../api/resources";
import type { ProjectKeys, Run, RunColumn, RunsEvent } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { fieldsOfColumns } from "../lib/fields";
import { merged, newestFirst } from "../lib/merge";
import { learnColours } from "./colours";
import { isAbsent, type Loaded, load, loading } from "./loading";
import { chartsFirst } from "./turns";

const FIRST_PAGE = 100;
const PAGE = 1_000;
/** Runs that are listed whatever is looked for: the newest ones. Of a project with more, `state/runfilter.ts` asks the server. */
export const MAX_RUNS = 20_000;
/** Milliseconds until a page of the list that did not come is asked for again. */
const RETRY = 5_000;
/** Changed runs that are asked for by their ids; of more the newest changes are asked for. */
const MANY = 50;
/** Milliseconds that the server may tell keys and the like of before. */
const LATE = 4_000;
/** Milliseconds until one who waits for a project's first run is told of it, at most. */
const AWAITED = 3_000;

export const place = signal<{ entity: string; project: string } | null>(null);
/** Newest first. */
export const runs = loading<Run[]>();
/** How many runs the project has, if that is more than are listed. */
export const unlisted = signal<number | null>(null);
export const keys = loading<ProjectKeys>();
let sameIds: readonly string[] = [];
/** The same array for as long as they are the same: what follows from it rests while runs move. */
export const runIds = computed(() => {
  const now = (runs.value.data ?? []).map((run) => run.id);
  return now.length === sameIds.length && now.every((id, at) => id === sameIds[at]) ? sameIds : (sameIds = now);
});
const columns = loading<RunColumn[]>();
/** Fields of the config, of the summary, that some run has. */
export const configFields = computed(() => fieldsOfColumns(columns.value.data ?? [], "config"));
export const summaryFields = computed(() => fieldsOfColumns(columns.value.data ?? [], "summary"));
export const connection = signal<"connecting" | "live" | "lost">("connecting");

/** What the stream said last, for charts and consoles: a number that grows, and the runs concerned. */
export const pulse = signal<{ count: number; runs: ReadonlySet<string> }>({ count: 0, runs: new Set() });

/** Grows some seconds after the last news: what the server tells late (keys, columns, what a filter means) is there by now. */
export const settled = signal(0);

/** Whether one of these runs moved. */
export function moved(news: { runs: ReadonlySet<string> }, ids: readonly string[]): boolean {
  return news.runs.has("*") || ids.some((id) => news.runs.has(id));
}

const idle = (): void => {};
/** Ends the stream. */
let stop = idle;
/** Runs of which the page shows something that has changed. */
let changed = new Set<string>();
/** Which values of config and summary the listed runs have. */
export const values = signal<readonly string[]>([]);
/** Ids of the runs that are on the screen; null: what is shown depends on all of them. */
let sight: ReadonlySet<string> | null = new Set();
/** Whether the list was asked for, and how often. */
let listed = false;
let loadingKeys: Promise<void> = Promise.resolve();
let listing = 0;
let settling: ReturnType<typeof setTimeout> | undefined;
let awaiting: ReturnType<typeof setTimeout> | undefined;

/** Open a project; whether the whole list of runs is wanted, or the stream alone. */
export function openProject(entity: string, project: string, withRuns: boolean): void {
  const here = place.value;
  if (here?.entity !== entity || here.project !== project) {
    closeProject();
    place.value = { entity, project };
    follow();
  }
  if (withRuns && !listed) loadProject();
}

function follow(): void {
  const here = place.peek();
  if (here && stop === idle) stop = listen(here.entity, here.project, { onRuns, onOpen, onLost: () => (connection.value = "lost") });
}

function unfollow(): void {
  stop();
  stop = idle;
  connection.value = "connecting";
}

/** Everything of the open project, anew. */
export function loadProject(): void {
  listed = true;
  loadingKeys = loadKeys();
  void loadRuns().then(() => loadColumns());
}

export function closeProject(): void {
  unfollow();
  clearTimeout(settling);
  clearTimeout(awaiting);
  refresh.cancel();
  refreshKeys.cancel();
  refreshColumns.cancel();
  changed = new Set();
  listed = false;
  place.value = null;
  unlisted.value = null;
  runs.value = keys.value = columns.value = { data: undefined, error: undefined } as Loaded<never>;
}

/** What is shown of the runs' config and summary: `config.lr`, `summary.acc`. */
export function wantValues(wanted: readonly string[]): void {
  const more = wanted.some((field) => !values.peek().includes(field));
  values.value = wanted;
  if (more && listed) void loadRuns();
}

/** Which runs are on the screen: of others it is enough to know that they have changed. */
export function see(ids: ReadonlySet<string> | null): void {
  sight = ids;
  refresh.ask();
}

async function loadRuns(): Promise<void> {
  const here = place.peek();
  if (!here) return;
  const mine = ++listing;
  const alive = (): boolean => place.peek() === here && listing === mine;
  const fetch = (limit: number, after?: string) => getRuns(here.entity, here.project, { limit, cursor: after, values: values.peek() });
  let cursor: string | undefined;
  const all: Run[] = [];
  await load(runs, async () => {
    const page = await fetch(FIRST_PAGE);
    cursor = page.next ?? undefined;
    all.push(...page.items);
    return ordered(merged(runs.peek().data ?? [], all));
  }, alive);
  if (alive() && !runs.value.data && isAbsent(runs.value.error)) {
    // A training may make it any moment: its link is printed before the server has heard of it.
    unfollow();
    awaiting = setTimeout(() => alive() && loadProject(), AWAITED);
    return;
  }
  if (alive()) follow();
  if (cursor) await chartsFirst(loadingKeys);
  while (cursor && alive() && all.length < MAX_RUNS) {
    const page = await fetch(Math.min(PAGE, MAX_RUNS - all.length), cursor).catch(() => null);
    if (!alive()) return;
    if (!page) {
      await new Promise((resolve) => void setTimeout(resolve, RETRY));
      continue;
    }
    all.push(...page.items);
    setRuns(merged(runs.value.data ?? [], page.items));
    cursor = page.next ?? undefined;
  }
  if (!alive() || runs.value.error) return;
  if (cursor) return void (await countRuns(here, alive));
  unlisted.value = null;
  // What the server no longer lists was deleted while nobody listened; what is newer than its list came meanwhile.
  const ids = new Set(all.map((run) => run.id));
  const newest = all[0]?.created_at ?? 0;
  const kept = (runs.value.data ?? []).filter((run) => ids.has(run.id) || run.created_at > newest);
  if (kept.length !== runs.value.data?.length) setRuns(kept);
}

async function countRuns({ entity, project }: { entity: string; project: string }, alive: () => boolean): Promise<void> {
  // Should it not be told, it is more than are listed all the same.
  const count = await getProject(entity, project).then((one) => one.runs, () => 0);
  if (alive()) unlisted.value = Math.max(count, MAX_RUNS + 1);
}

async function loadKeys(): Promise<void> {
  const here = place.peek();
  if (here) await load(keys, () => getProjectKeys(here.entity, here.project), () => place.peek() === here);
}

async function loadColumns(): Promise<void> {
  const here = place.peek();
  if (here) await load(columns, () => getColumns(here.entity, here.project), () => place.peek() === here);
}

function ordered(list: Run[]): Run[] {
  const sorted = newestFirst(list);
  learnColours(`${place.value?.entity}/${place.value?.project}`, sorted.map((run) => run.id).toReversed());
  return sorted;
}

function setRuns(list: Run[]): void {
  runs.value = { data: ordered(list), error: undefined };
}

/** The same runs, some of them changed: their order, by when they were made, is still the same. */
function keepOrder(list: Run[]): void {
  runs.value = { data: list, error: undefined };
}

/** Runs that the server found among those that are not listed. What was found before goes when there are too many. */
export function learnRuns(found: readonly Run[]): void {
  const known = runs.peek().data ?? [];
  setRuns(merged(known.length > 2 * MAX_RUNS ? known.slice(0, MAX_RUNS) : known, found));
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
    refreshColumns.ask();
  }
  pulse.value = { count: pulse.value.count + 1, runs: new Set(["*"]) };
}

function onRuns(event: RunsEvent): void {
  for (const id of event.removed ?? []) forgetRun(id);
  if (!event.runs.length) return;
  const news = new Map(event.runs.map((run) => [run.id, run]));
  const list = runs.value.data;
  if (list) {
    keepOrder(list.map((run) => (news.has(run.id) ? { ...run, ...news.get(run.id) } : run)));
    for (const id of news.keys()) changed.add(id);
    refresh.ask();
    refreshKeys.ask();
    refreshColumns.ask();
  }
  pulse.value = { count: pulse.value.count + 1, runs: new Set(news.keys()) };
  clearTimeout(settling);
  settling = setTimeout(settle, LATE);
}

function settle(): void {
  if (listed) {
    refreshKeys.ask();
    refreshColumns.ask();
  }
  settled.value += 1;
}

/** Changed runs of which something is shown, and new ones. */
function wanting(): string[] {
  if (sight === null) return [...changed];
  const known = new Set(runIds.peek());
  return [...changed].filter((id) => sight?.has(id) || !known.has(id));
}

const refresh = new Coalesced(async () => {
  const here = place.peek();
  const ids = wanting();
  if (!here || !ids.length) return;
  const asked = values.peek();
  const newest = { limit: Math.min(PAGE, changed.size), order: "-updated_at", values: asked };
  for (const id of ids) changed.delete(id);
  const { entity, project } = here;
  const fresh = await (ids.length > MANY ? getRuns(entity, project, newest).then((page) => page.items) : getRunsById(entity, project, ids, asked)).catch(() => null);
  if (place.peek() !== here) return;
  if (!fresh) for (const id of ids) changed.add(id);
  // Were more values wanted meanwhile, all runs are on their way with them.
  else if (values.peek().every((field) => asked.includes(field))) setRuns(merged(runs.value.data ?? [], fresh));
}, 900);

const refreshKeys = new Coalesced(loadKeys, 2_000);
/** What one may sort and group by is not watched by anybody. */
const refreshColumns = new Coalesced(loadColumns, 15_000);
