import { expect, test } from "vitest";
import { isFilter } from "./runfilter";

test.each(["config.lr < 0.01", "state = finished", "name ~ calm", "config.opt in [adam, sgd]", "tags contains x", "summary.acc exists", "not (a=1)"])("%s is a filter", (text) => {
  expect(isFilter(text)).toBe(true);
});

test.each(["calm-river", "calm river 7", "", "resnet in", "what contains"])("%s is words", (text) => {
  expect(isFilter(text)).toBe(false);
});
