/**
 * What of the project's runs the server finds: those that a filter of its language means; and where the project has more runs than are listed,
 * those that have the words, the first ones of another order, and those that the address names, which are listed then, too.
 */

import { computed, effect, signal } from "@preact/signals";
import { getRuns, getRunsById } from "../api/resources";
import type { Run } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { messageOf } from "../lib/message";
import { allPages } from "../lib/pages";
import { filterOfWords, isFilter, orderOf } from "../lib/runfilter";
import { MOST_DRAWN, NEWEST_FIRST } from "../lib/viewstate";
import { learnRuns, MAX_RUNS, place, pulse, runs, settled, unlisted, values } from "./project";
import { view } from "./view";

const PAGE = 1_000;
const none: readonly string[] = [];
/** Milliseconds that nothing is typed before the server is asked. */
const SETTLED = 180;
/** Milliseconds between two looks while runs move. */
const REST = 2_000;

const search = computed(() => view.value.search.trim());
/** The filter that is wanted; null: words are looked for. */
export const filter = computed(() => (isFilter(search.value) ? search.value : null));

/** Ids of the runs that the filter means; null while it is not known: then all are listed. */
export const meant = signal<ReadonlySet<string> | null>(null);
/** What is wrong with the filter. */
export const problem = signal<string | null>(null);
/** The server found more runs than it was asked for. */
export const cut = signal(false);

const beyond = computed(() => unlisted.value !== null);
const wanted = computed(() => filter.value ?? ((beyond.value && filterOfWords(search.value)) || null));
const order = computed(() => (beyond.value && view.value.sort !== NEWEST_FIRST ? orderOf(view.value.sort) : null));
const shown = computed(() => (beyond.value ? values.value : none));

const again = new Coalesced(ask, REST);

async function ask(): Promise<void> {
  const [here, text, by, fields] = [place.peek(), wanted.peek(), order.peek(), shown.peek()];
  if (!here || (text === null && by === null)) return;
  const current = (): boolean => place.peek() === here && wanted.peek() === text && order.peek() === by && shown.peek() === fields;
  const page = (cursor?: string) => getRuns(here.entity, here.project, { limit: PAGE, cursor, filter: text ?? undefined, order: by ?? undefined, values: fields });
  const came = (found: Run[]): void => {
    if (beyond.peek()) learnRuns(found.slice(-PAGE));
  };
  try {
    const { items, more } = await allPages(page, text === null ? PAGE : MAX_RUNS, { wanted: current, came });
    if (!current()) return;
    meant.value = text === filter.peek() ? new Set(items.map((run) => run.id)) : null;
    cut.value = text !== null && more;
    problem.value = null;
  } catch (error) {
    if (current()) problem.value = messageOf(error);
  }
}

effect(() => {
  void [place.value, shown.value, order.value];
  if (filter.value === null) meant.value = problem.value = null;
  cut.value = false;
  if (wanted.value === null && order.value === null) return;
  const timer = setTimeout(() => void ask(), SETTLED);
  return () => clearTimeout(timer);
});

effect(() => {
  void [pulse.value, settled.value];
  if (wanted.peek() !== null || order.peek() !== null) again.ask();
});

const named = computed(() => (beyond.value ? [...view.value.show, ...view.value.pin, ...view.value.compared].slice(0, MOST_DRAWN).join("\n") : ""));

effect(() => {
  const here = place.value;
  const known = new Set(runs.peek().data?.map((run) => run.id));
  const missing = named.value.split("\n").filter((id) => id && !known.has(id));
  if (!here || !missing.length) return;
  // What cannot be had is not drawn, as what was deleted.
  void getRunsById(here.entity, here.project, missing, shown.value).then((found) => place.peek() === here && learnRuns(found), () => {});
});
