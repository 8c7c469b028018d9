import { expect, test } from "vitest";
import { filterOfWords, isFilter, orderOf } from "./runfilter";

test.each(["config.lr < 0.01", "state = finished", "name ~ calm", "config.opt in [adam, sgd]", "tags contains x", "summary.acc exists", "not (a=1)"])("%s is a filter", (text) => {
  expect(isFilter(text)).toBe(true);
});

test.each(["calm-river", "calm river 7", "", "resnet in", "what contains"])("%s is words", (text) => {
  expect(isFilter(text)).toBe(false);
});

test("words as a filter of the server", () => {
  expect(filterOfWords("  ")).toBe("");
  const { $and } = JSON.parse(filterOfWords("River (7)")) as { $and: { $or: Record<string, { $regex: string }>[] }[] };
  expect($and.map(({ $or }) => $or[0]?.["display_name"]?.$regex)).toEqual(["River", "\\(7\\)"]);
  expect($and[0]?.$or.map((one) => Object.keys(one)[0])).toEqual(["display_name", "name", "state", "group", "tags"]);
});

test("orders as the server calls them", () => {
  expect(["-created", "duration", "-summary.val/loss", "name", "-tags"].map(orderOf)).toEqual(["-created_at", "runtime", "-summary.val/loss", "name", null]);
});
