/** The project's runs as they are listed: those that are wanted, in the order that is wanted; and which of them are selected. */

import { computed, signal } from "@preact/signals";
import type { Run } from "../api/types";
import { sortRuns } from "../lib/fields";
import { matches } from "../lib/search";
import { NEWEST_FIRST, pinnedFirst } from "../lib/viewstate";
import { runs } from "./project";
import { filter, meant } from "./runfilter";
import { view } from "./view";

const search = computed(() => view.value.search);
const order = computed(() => view.value.sort);

/** What a run is found by. Made once: a search over ten thousand runs is to end within a frame. */
const texts = new WeakMap<Run, string>();

function textOf(run: Run): string {
  let text = texts.get(run);
  if (text === undefined) texts.set(run, (text = [run.name, run.id, run.state, run.group, ...run.tags].join("\n").toLowerCase()));
  return text;
}

export const found = computed(() => {
  const all = runs.value.data ?? [];
  const ids = meant.value;
  if (filter.value !== null) return ids ? all.filter((run) => ids.has(run.id)) : all;
  return search.value.trim() ? all.filter((run) => matches(search.value, [textOf(run)])) : all;
});

const sorted = computed(() => (order.value === NEWEST_FIRST ? found.value : sortRuns(found.value, order.value)));
const pinned = computed(() => view.value.pin);

/** `found` in order, what is pinned first. */
export const listed = computed(() => pinnedFirst(sorted.value, pinned.value));

/** Ids of the runs that something is about to be done with. */
export const selected = signal<ReadonlySet<string>>(new Set());

export function select(ids: Iterable<string>, on: boolean): void {
  const next = new Set(selected.value);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  selected.value = next;
}

export function unselectAll(): void {
  selected.value = new Set();
}

/** Those that are selected and still there. */
export const selectedRuns = computed(() => (selected.value.size ? (runs.value.data ?? []).filter((run) => selected.value.has(run.id)) : []));
