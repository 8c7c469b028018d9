/** The runs that are compared, with all that they have. Fresh while the stream says that they move. */

import { computed, effect } from "@preact/signals";
import { getRunsById } from "../api/resources";
import type { Run } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { load, loading } from "./loading";
import { moved, place, pulse, runIds } from "./project";
import { shown, view } from "./view";

/** Runs beside each other, at most. */
export const MOST = 40;
/** Those that are compared when nobody chose. */
const FEW = 6;
const REST = 1_000;

export const comparedIds = computed(() => {
  const { compared } = view.value;
  const there = new Set(runIds.value);
  return compared.length ? compared.filter((id) => there.has(id)).slice(0, MOST) : runIds.value.filter((id) => shown.value.has(id)).slice(0, FEW);
});
const found = loading<Run[]>();
/** As far as they are there, in their order; undefined until something is. */
export const comparedRuns = computed(() => {
  const byId = new Map(found.value.data?.map((run) => [run.id, run]));
  return found.value.data && comparedIds.value.flatMap((id) => byId.get(id) ?? []);
});
export const comparedProblem = computed(() => found.value.error?.message ?? null);

const wanted = computed(() => comparedIds.value.join());

const again = new Coalesced(fetch, REST);

async function fetch(): Promise<void> {
  const [here, ids, asked] = [place.peek(), comparedIds.peek(), wanted.peek()];
  if (!here) return;
  await load(found, () => (ids.length ? getRunsById(here.entity, here.project, ids) : Promise.resolve([])), () => place.peek() === here && wanted.peek() === asked);
}

/** Keeps them there; the answer ends it. */
export function followCompared(): () => void {
  found.value = { data: undefined, error: undefined };
  const unfollow = effect(() => {
    void wanted.value;
    void fetch();
  });
  const unsubscribe = pulse.subscribe((news) => {
    if (moved(news, comparedIds.peek())) again.ask();
  });
  return () => {
    unfollow();
    unsubscribe();
    again.cancel();
  };
}
