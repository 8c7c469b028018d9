/** Which columns and axes there are when nobody chose: the newest runs tell. And which values of the runs are shown, so that only those are asked for. */

import { computed, effect, signal } from "@preact/signals";
import { getRuns } from "../api/resources";
import type { Run } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { fieldsOf, kindOf } from "../lib/fields";
import { defaultAxes, defaultColumns, grown, MOST_AXES, MOST_COLUMNS } from "../lib/table";
import { load, loading } from "./loading";
import { route } from "./location";
import { configFields, keys, place, runIds, summaryFields, wantValues } from "./project";
import { view } from "./view";

/** Runs that are looked at. */
const SEEN = 100;
/** Values that the server tells of each run. */
const MOST = 200;

/** Milliseconds from one look to the next. */
const REST = 3_000;

/** The newest ones, with all that they have. */
const newest = loading<Run[]>();
/** More may come behind what was offered, as runs begin and log new keys; nothing goes while somebody reads. */
const offered = signal<{ columns: readonly string[]; axes: readonly string[] } | undefined>(undefined);

/** Columns of the table; undefined while it is not known which. */
export const columns = computed(() => view.value.columns ?? offered.value?.columns ?? (newest.value.error && ["state", "created"]));
/** Axes of the parallel coordinates, likewise. */
export const axes = computed(() => view.value.axes ?? offered.value?.axes ?? (newest.value.error && []));

const tab = computed(() => (route.value.page === "project" ? route.value.tab : null));
const here = computed(() => place.value);
const toOffer = computed(() => (tab.value === "table" && !view.value.columns) || (tab.value === "parallel" && !view.value.axes));

let asked: unknown = null;
let known: unknown = null;

async function look(): Promise<void> {
  const at = place.peek();
  if (!at) return;
  await load(newest, async () => (await getRuns(at.entity, at.project, { limit: SEEN })).items, () => place.peek() === at);
  const all = newest.peek().data;
  if (!all || place.peek() !== at) return;
  const [config, summary] = [fieldsOf(all, "config"), fieldsOf(all, "summary")];
  offered.value = {
    columns: grown(offered.peek()?.columns, defaultColumns(all, config, summary), MOST_COLUMNS),
    axes: grown(offered.peek()?.axes, defaultAxes(all, config, summary), MOST_AXES),
  };
}

const lookAgain = new Coalesced(look, REST);

effect(() => {
  const at = here.value;
  // Whoever comes back later is offered what there is by then.
  if (!at || !toOffer.value) return void (asked = null);
  if (at === asked) return;
  if (at !== known) {
    newest.value = { data: undefined, error: undefined };
    offered.value = undefined;
  }
  asked = known = at;
  void look();
});

/** Changes when there may be more to offer. */
const extent = computed(() => [runIds.value, configFields.value, summaryFields.value, Object.keys(keys.value.data?.history ?? {})].map(({ length }) => length).join(" "));
const full = computed(() => (tab.value === "table" ? (columns.value?.length ?? 0) >= MOST_COLUMNS : (axes.value?.length ?? 0) >= MOST_AXES));

effect(() => {
  if (extent.value && toOffer.value && here.value && !full.value) lookAgain.ask();
});

const shown = computed(() => {
  const { sort, by } = view.value;
  const all = [sort.replace(/^-/, ""), ...(by ? [by] : []), ...((tab.value === "table" && columns.value) || []), ...((tab.value === "parallel" && axes.value) || [])];
  return [...new Set(all.filter((field) => kindOf(field) !== "run"))].slice(0, MOST).join("\n");
});

effect(() => {
  if (tab.value !== null) wantValues(shown.value.split("\n").filter(Boolean));
});
