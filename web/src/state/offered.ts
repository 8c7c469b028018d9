/** Which columns and axes there are when nobody chose: the newest runs tell. And which values of the runs are shown, so that only those are asked for. */

import { computed, effect } from "@preact/signals";
import { getRuns } from "../api/resources";
import type { Run } from "../api/types";
import { fieldsOf, kindOf } from "../lib/fields";
import { defaultAxes, defaultColumns } from "../lib/table";
import { load, loading } from "./loading";
import { route } from "./location";
import { place, wantValues } from "./project";
import { view } from "./view";

/** Runs that are looked at. */
const SEEN = 100;
/** Values that the server tells of each run. */
const MOST = 200;

/** The newest ones, with all that they have. Looked up once for a reader, so that columns do not come and go as runs move. */
const newest = loading<Run[]>();
const fields = computed(() => {
  const all = newest.value.data;
  return all && { all, config: fieldsOf(all, "config"), summary: fieldsOf(all, "summary") };
});
const offeredColumns = computed(() => fields.value && defaultColumns(fields.value.all, fields.value.config, fields.value.summary));
const offeredAxes = computed(() => fields.value && defaultAxes(fields.value.all, fields.value.config, fields.value.summary));

/** Columns of the table; undefined while it is not known which. */
export const columns = computed(() => view.value.columns ?? offeredColumns.value ?? (newest.value.error && ["state", "created"]));
/** Axes of the parallel coordinates, likewise. */
export const axes = computed(() => view.value.axes ?? offeredAxes.value ?? (newest.value.error && []));

const tab = computed(() => (route.value.page === "project" ? route.value.tab : null));
const here = computed(() => place.value);
const toOffer = computed(() => (tab.value === "table" && !view.value.columns) || (tab.value === "parallel" && !view.value.axes));

let asked: unknown = null;
let known: unknown = null;

effect(() => {
  const at = here.value;
  // Whoever comes back later is offered what there is by then.
  if (!at || !toOffer.value) return void (asked = null);
  if (at === asked) return;
  if (at !== known) newest.value = { data: undefined, error: undefined };
  asked = known = at;
  void load(newest, async () => (await getRuns(at.entity, at.project, { limit: SEEN })).items, () => place.peek() === at);
});

const shown = computed(() => {
  const { sort, by } = view.value;
  const all = [sort.replace(/^-/, ""), ...(by ? [by] : []), ...((tab.value === "table" && columns.value) || []), ...((tab.value === "parallel" && axes.value) || [])];
  return [...new Set(all.filter((field) => kindOf(field) !== "run"))].slice(0, MOST).join("\n");
});

effect(() => {
  if (tab.value !== null) wantValues(shown.value.split("\n").filter(Boolean));
});
