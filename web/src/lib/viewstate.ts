/**
 * What a person has set up on a page, as the address carries it: which runs are drawn, the x axis, smoothing, log scales,
 * the search. Defaults leave no trace, so an untouched page has a clean address.
 */

import type { XAxis } from "./buckets";

export interface ViewState {
  /** Which runs are drawn unless said otherwise: the newest few, all, or none. */
  base: "newest" | "all" | "none";
  hide: ReadonlySet<string>;
  show: ReadonlySet<string>;
  axis: XAxis;
  /** 0 to 0.99. */
  smoothing: number;
  /** Keys of charts with a logarithmic y axis. */
  log: ReadonlySet<string>;
  search: string;
  /** Runs of a group stand together in the list. */
  grouped: boolean;
}

/** Runs that a project draws when nobody chose. */
export const NEWEST = 30;

export const initialView: ViewState = {
  base: "newest",
  hide: new Set(),
  show: new Set(),
  axis: "step",
  smoothing: 0,
  log: new Set(),
  search: "",
  grouped: false,
};

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
    axis: axis === "runtime" || axis === "time" ? axis : "step",
    smoothing: smoothing > 0 && smoothing < 1 ? smoothing : 0,
    log: list("log"),
    search: params.get("q") ?? "",
    grouped: params.get("by") === "group",
  };
}

/** The query of an address, with its question mark; empty for the defaults. */
export function formatView(view: ViewState): string {
  const parts: string[] = [];
  const add = (name: string, value: string): void => {
    if (value) parts.push(`${name}=${value}`);
  };
  const list = (values: ReadonlySet<string>): string => [...values].toSorted().map(encodePart).join(",");
  add("q", encodeURIComponent(view.search));
  if (view.grouped) add("by", "group");
  if (view.base !== "newest") add("runs", view.base);
  add("hide", list(view.hide));
  add("show", list(view.show));
  if (view.axis !== "step") add("x", view.axis);
  if (view.smoothing) add("smooth", String(view.smoothing));
  add("log", list(view.log));
  return parts.length ? `?${parts.join("&")}` : "";
}

// A comma parts the items, so one inside an item is escaped twice.
function encodePart(item: string): string {
  return encodeURIComponent(item.replaceAll("%", "%25").replaceAll(",", "%2C"));
}

function decodePart(item: string): string {
  return item.replaceAll("%2C", ",").replaceAll("%25", "%");
}

/** Of `ids` (newest first), those that the view draws. */
export function shownRuns(ids: readonly string[], view: ViewState): Set<string> {
  const base = view.base === "none" ? [] : view.base === "all" ? ids : ids.slice(0, NEWEST);
  const shown = new Set(base.filter((id) => !view.hide.has(id)));
  for (const id of ids) if (view.show.has(id)) shown.add(id);
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
