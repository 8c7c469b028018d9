import { expect, test } from "vitest";
import { definitionOf } from "./definitions";

const said = (name: string, step_metric: string | null = null, hidden = false) => ({ name, step_metric, hidden });

test("a metric's own name wins, then the longest beginning", () => {
  const all = [said("*", "a"), said("val/*", "b"), said("val/acc", "c"), said("val/a*", "d")];
  expect(["loss", "val/loss", "val/acc", "val/auc"].map((key) => definitionOf(all, key)?.step_metric)).toEqual(["a", "b", "c", "d"]);
  expect(definitionOf([], "loss")).toBeNull();
  expect(definitionOf([said("val/*")], "value")).toBeNull();
});
