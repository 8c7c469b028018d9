import { expect, test } from "vitest";
import { definitionOf, merged } from "./definitions";

const said = (name: string, step_metric: string | null = null, hidden = false) => ({ name, step_metric, hidden });

test("a metric's own name wins, then the longest beginning", () => {
  const all = [said("*", "a"), said("val/*", "b"), said("val/acc", "c"), said("val/a*", "d")];
  expect(["loss", "val/loss", "val/acc", "val/auc"].map((key) => definitionOf(all, key)?.step_metric)).toEqual(["a", "b", "c", "d"]);
  expect(definitionOf([], "loss")).toBeNull();
  expect(definitionOf([said("val/*")], "value")).toBeNull();
});

test("the newest run is right", () => {
  expect(merged([{ metrics: [said("x", "new")] }, { metrics: [said("x", "old"), said("y")] }, {}]).map((one) => [one.name, one.step_metric])).toEqual([["x", "new"], ["y", null]]);
});
