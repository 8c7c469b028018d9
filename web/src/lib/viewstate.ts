/**
 * What a person has set up on a page, as the address carries it: which runs are drawn, the x axis, smoothing, log scales,
 * the search. Defaults leave no trace, so an untouched page has a clean address.
 */

import type { Spread } from "./aggregate";
import type { XAxis } from "./buckets";
import type { SmoothingKind } from "./smoothing";
import type { Aggregate } from "./table";

export interface ViewState {
  /** Which runs are drawn unless said otherwise: the newest few, all, or none. */
  base: "newest" | "all" | "none";
  hide: ReadonlySet<string>;
  show: ReadonlySet<string>;
  /** Runs that stand on top, in the order in which they were pinned. */
  pin: ReadonlySet<string>;
  axis: XAxis;
  /** Over steps, those metrics that were defined so (`define_metric`) are drawn over their own. */
  defined: boolean;
  /** 0 to 0.99. */
  smoothing: number;
  smoothingKind: SmoothingKind;
  /** A logarithmic x axis. */
  logX: boolean;
  /** The y axes leave out the few values that lie far from all others. */
  clip: boolean;
  /** Keys of charts with a logarithmic y axis. */
  log: ReadonlySet<string>;
  search: string;
  /** Runs that have the same value of this field (see lib/fields.ts) stand together; null: none do. */
  by: string | null;
  /** Draw one line a group, with this band; null: a line a run. */
  spread: Spread | null;
  /** Key of the chart that fills the window. */
  full: string | null;
  /** The field that runs are listed by, with `-` in front for descending. */
  sort: string;
  /** Columns of the table; null: those that are chosen for a new reader. */
  columns: readonly string[] | null;
  /** What a group's row says of its runs. */
  aggregate: Aggregate;
  /** Ids of the runs that are compared; none: those that are drawn. */
  compared: readonly string[];
  /** Compare what does not differ, too. */
  same: boolean;
  /** Axes of the parallel coordinates; null as for the columns. */
  axes: readonly string[] | null;
}

/** Newest first. */
export const NEWEST_FIRST = "-created";

/** Runs that a project draws when nobody chose. */
export const NEWEST = 30;

export function parseView(query: string): ViewState {
  const params = new URLSearchParams(query);
  const list = (name: string): Set<string> => new Set((params.get(name) ?? "").split(",").filter(Boolean).map(decodePart));
  const base = params.get("runs");
  const axis = params.get("x");
  const smoothing = Number(params.get("smooth") ?? 0);
  return {
    base: base === "all" || base === "none" ? base : "newest",
    hide: list("hide"),
    show: list("show"),
    pin: list("pin"),
    axis: axis === "runtime" || axis === "time" ? axis : axis?.startsWith("metric:") && axis.length > 7 ? (axis as XAxis) : "step",
    defined: params.get("own") !== "0",
    smoothing: smoothing > 0 && smoothing < 1 ? smoothing : 0,
    smoothingKind: oneOf(["gaussian", "mean"], params.get("kind")) ?? "exponential",
    logX: params.get("logx") === "1",
    clip: params.get("clip") === "1",
    log: list("log"),
    search: params.get("q") ?? "",
    by: params.get("by") || null,
    spread: oneOf(["range", "deviation", "error"], params.get("band")),
    full: params.get("full") || null,
    sort: params.get("sort") || NEWEST_FIRST,
    columns: params.has("cols") ? [...list("cols")] : null,
    aggregate: oneOf(["min", "max", "median"], params.get("agg")) ?? "mean",
    compared: [...list("ids")],
    same: params.get("same") === "1",
    axes: params.has("axes") ? [...list("axes")] : null,
  };
}

function oneOf<T extends string>(values: readonly T[], text: string | null): T | null {
  return values.find((value) => value === text) ?? null;
}

/** The query of an address, with its question mark; empty for the defaults. */
export function formatView(view: ViewState): string {
  const parts: string[] = [];
  const add = (name: string, value: string): void => {
    if (value) parts.push(`${name}=${value}`);
  };
  const listed = (values: Iterable<string>): string => [...values].map(encodePart).join(",");
  const list = (values: ReadonlySet<string>): string => listed([...values].toSorted());
  add("q", encodeURIComponent(view.search));
  add("by", encodeURIComponent(view.by ?? ""));
  if (view.spread) add("band", view.spread);
  if (view.base !== "newest") add("runs", view.base);
  add("hide", list(view.hide));
  add("show", list(view.show));
  add("pin", listed(view.pin));
  if (view.axis !== "step") add("x", encodeURIComponent(view.axis));
  if (!view.defined) add("own", "0");
  if (view.smoothing) add("smooth", String(view.smoothing));
  if (view.smoothingKind !== "exponential") add("kind", view.smoothingKind);
  if (view.logX) add("logx", "1");
  if (view.clip) add("clip", "1");
  add("log", list(view.log));
  add("full", encodeURIComponent(view.full ?? ""));
  if (view.sort !== NEWEST_FIRST) add("sort", encodeURIComponent(view.sort));
  if (view.columns) parts.push(`cols=${listed(view.columns)}`);
  if (view.aggregate !== "mean") add("agg", view.aggregate);
  add("ids", listed(view.compared));
  if (view.same) add("same", "1");
  if (view.axes) parts.push(`axes=${listed(view.axes)}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

// A comma parts the items, so one inside an item is escaped twice.
function encodePart(item: string): string {
  return encodeURIComponent(item.replaceAll("%", "%25").replaceAll(",", "%2C"));
}

function decodePart(item: string): string {
  return item.replaceAll("%2C", ",").replaceAll("%25", "%");
}

/** Runs that a chart draws at most, as the server has it. */
export const MOST_DRAWN = 500;

/** Of `ids` (newest first), those that the view draws. */
export function shownRuns(ids: readonly string[], view: ViewState): Set<string> {
  const chosen = view.show.size ? ids.filter((id) => view.show.has(id)).slice(0, MOST_DRAWN) : [];
  const base = view.base === "none" ? [] : view.base === "all" ? ids : ids.slice(0, NEWEST);
  const shown = new Set(base.filter((id) => !view.hide.has(id) && !view.show.has(id)).slice(0, MOST_DRAWN - chosen.length));
  for (const id of chosen) shown.add(id);
  return shown;
}

/** The view after the eye of one run was clicked. */
export function toggleRun(ids: readonly string[], view: ViewState, id: string): ViewState {
  const [hide, show] = [new Set(view.hide), new Set(view.show)];
  const byDefault = shownRuns(ids, { ...view, hide: new Set(), show: new Set() }).has(id);
  if (shownRuns(ids, view).has(id)) {
    show.delete(id);
    if (byDefault) hide.add(id);
  } else {
    hide.delete(id);
    if (!byDefault) show.add(id);
  }
  return { ...view, hide, show };
}

/** The view after a run was pinned, which draws it, or let go. */
export function togglePinned(ids: readonly string[], view: ViewState, id: string): ViewState {
  const pin = new Set(view.pin);
  if (pin.delete(id)) return { ...view, pin };
  pin.add(id);
  return { ...(shownRuns(ids, view).has(id) ? view : toggleRun(ids, view, id)), pin };
}

/** The same runs, those that are pinned first. */
export function pinnedFirst<R extends { id: string }>(runs: readonly R[], pin: ReadonlySet<string>): readonly R[] {
  if (!pin.size) return runs;
  const byId = new Map(runs.filter((run) => pin.has(run.id)).map((run) => [run.id, run]));
  return [...[...pin].flatMap((id) => byId.get(id) ?? []), ...runs.filter((run) => !pin.has(run.id))];
}
