/** A filter of the server's language over the project's runs: which of them it means, as the server says it. */

import { computed, effect, signal } from "@preact/signals";
import { getRuns } from "../api/resources";
import { Coalesced } from "../lib/coalesce";
import { isFilter } from "../lib/runfilter";
import { place, pulse } from "./project";
import { view } from "./view";

const PAGE = 1_000;
const MAX_PAGES = 20;
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

const again = new Coalesced(ask, REST);

async function ask(): Promise<void> {
  const [here, text] = [place.peek(), filter.peek()];
  if (!here || text === null) return;
  const stale = (): boolean => place.peek() !== here || filter.peek() !== text;
  const ids = new Set<string>();
  let cursor: string | undefined;
  try {
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await getRuns(here.entity, here.project, { limit: PAGE, cursor, filter: text, values: none });
      if (stale()) return;
      for (const run of answer.items) ids.add(run.id);
      cursor = answer.next ?? undefined;
      if (!cursor) break;
    }
    meant.value = ids;
    problem.value = null;
  } catch (error) {
    if (!stale()) problem.value = error instanceof Error ? error.message : String(error);
  }
}

effect(() => {
  const text = filter.value;
  void place.value;
  if (text === null) {
    meant.value = null;
    problem.value = null;
    return;
  }
  const timer = setTimeout(() => void ask(), SETTLED);
  return () => clearTimeout(timer);
});

pulse.subscribe(() => {
  if (filter.peek() !== null) again.ask();
});
