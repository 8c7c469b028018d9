import { expect, test } from "vitest";
import { PLAIN, shortKey, toSections } from "./sections";

test("keys go into sections by prefix, plain ones first, system last", () => {
  expect(toSections(["val/loss", "epoch", "train/loss", "train/acc/top5", "layer10", "layer2"], ["gpu", "cpu"])).toEqual([
    { name: PLAIN, keys: ["epoch", "layer2", "layer10"], source: "history" },
    { name: "train", keys: ["train/acc/top5", "train/loss"], source: "history" },
    { name: "val", keys: ["val/loss"], source: "history" },
    { name: "system", keys: ["cpu", "gpu"], source: "system" },
  ]);
});

test("a leading slash is no prefix; names of Object's own are ordinary", () => {
  expect(toSections(["/x", "constructor/y"]).map((section) => section.name)).toEqual([PLAIN, "constructor"]);
});

test("a chart's title leaves its section out", () => {
  expect(shortKey("train/loss", "train")).toBe("loss");
  expect(shortKey("epoch", PLAIN)).toBe("epoch");
});
