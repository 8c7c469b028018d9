import { expect, test } from "vitest";
import { formatView, NEWEST, parseView, pinnedFirst, shownRuns, togglePinned, toggleRun } from "./viewstate";

const initialView = parseView("");

const many = Array.from({ length: NEWEST + 5 }, (_, index) => `r${index}`);

test("defaults leave no trace", () => {
  expect(formatView(initialView)).toBe("");
  expect(initialView).toMatchObject({ base: "newest", axis: "step", defined: true, smoothing: 0, sort: "-created", columns: null, compared: [] });
});

test("what is set comes back, whatever the names hold", () => {
  const view = {
    ...initialView, base: "all" as const, hide: new Set(["a", "b,c"]), show: new Set(["d%2C"]), axis: "metric:val/a b" as const, smoothing: 0.6,
    smoothingKind: "gaussian" as const, logX: true, clip: true, defined: false, by: "config.net.depth & more", spread: "error" as const, full: "train/loss",
    sort: "-summary.val/acc", columns: ["summary.b", "config.a,b"], aggregate: "max" as const, compared: ["z", "a"], same: true, axes: [],
    log: new Set(["train/loss & more"]), search: "lr=1 ? #",
  };
  expect(parseView(formatView(view))).toEqual(view);
});

test("an address by hand cannot break the page", () => {
  expect(parseView("?smooth=7&x=moon&runs=some&kind=x&band=y&logx=no")).toEqual(initialView);
  expect(parseView("?smooth=abc")).toEqual(initialView);
});

test("the newest are drawn, unless hidden; others when shown", () => {
  expect(shownRuns(many, initialView).size).toBe(NEWEST);
  const view = { ...initialView, hide: new Set(["r0"]), show: new Set([`r${NEWEST + 1}`, "gone"]) };
  const shown = shownRuns(many, view);
  expect(shown.has("r0")).toBe(false);
  expect(shown.has(`r${NEWEST + 1}`)).toBe(true);
  expect(shown.has("gone")).toBe(false);
  expect(shownRuns(many, { ...initialView, base: "all" }).size).toBe(many.length);
  expect(shownRuns(many, { ...initialView, base: "none" }).size).toBe(0);
});

test.each(["newest", "all", "none"] as const)("an eye clicked twice is as before, from %s", (base) => {
  for (const id of ["r0", `r${NEWEST + 2}`]) {
    const view = { ...initialView, base };
    const once = toggleRun(many, view, id);
    expect(shownRuns(many, once).has(id)).toBe(!shownRuns(many, view).has(id));
    expect(formatView(toggleRun(many, once, id))).toBe(formatView(view));
  }
});

test("pinned runs stand first in the order of pinning, and are drawn", () => {
  const view = togglePinned(many, togglePinned(many, { ...initialView, base: "none" }, "r7"), "r2");
  expect(parseView(formatView(view))).toEqual(view);
  expect([...shownRuns(many, view)].toSorted()).toEqual(["r2", "r7"]);
  expect(pinnedFirst(many.slice(0, 4).map((id) => ({ id })), view.pin).map(({ id }) => id)).toEqual(["r2", "r0", "r1", "r3"]);
  const later = togglePinned(many, view, "r7");
  expect([...later.pin, shownRuns(many, later).has("r7")]).toEqual(["r2", true]);
});

test("no more runs are drawn than a chart takes, those that were chosen first", () => {
  const thousand = Array.from({ length: 1000 }, (_, number) => `n${number}`);
  const shown = shownRuns(thousand, { ...initialView, base: "all", show: new Set(["n900"]) });
  expect([shown.size, shown.has("n900"), shown.has("n498"), shown.has("n499")]).toEqual([500, true, true, false]);
});
