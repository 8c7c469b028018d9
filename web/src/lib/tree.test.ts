import { expect, test } from "vitest";
import { imagesOf } from "./media";
import { flatten } from "./tree";

test("nested values become dotted keys, in natural order", () => {
  const entries = flatten({ model: { layers: 12, name: "<b>" }, lr10: 1, lr2: 0.5, none: null, on: true, list: [1, 2], empty: {} });
  expect(entries.map(({ key, text }) => [key, text])).toEqual([
    ["empty", "{}"], ["list", "[1,2]"], ["lr2", "0.5"], ["lr10", "1"], ["model.layers", "12"], ["model.name", "<b>"], ["none", "None"], ["on", "True"],
  ]);
});

test("what is copied is exact", () => {
  expect(flatten({ x: 0.123456789012 })[0]).toMatchObject({ text: "0.123457", exact: "0.123456789012", numeric: true });
});

test("images are told from other values", () => {
  const image = { _type: "image-file", sha256: "ab", width: 2, height: 3, format: "png", caption: "seven" };
  expect(imagesOf(image)).toEqual([{ path: "", sha256: "ab", state: "there", width: 2, height: 3, format: "png", caption: "seven" }]);
  const several = { _type: "images/separated", filenames: ["a.png", "b.png", 7], width: 2, height: 3, format: "png", captions: ["one", null], sizes: [[2, 3], [4, 5]] };
  expect(imagesOf(several).map(({ path, width, caption }) => [path, width, caption])).toEqual([["a.png", 2, "one"], ["b.png", 4, ""]]);

  expect(imagesOf({ _type: "images", items: [image, image, 7] })).toHaveLength(2);
  for (const other of [null, 7, "x", [], {}, { _type: "image-file" }, { _type: "images" }]) expect(imagesOf(other)).toEqual([]);
  expect(flatten({ sample: image })[0]?.text).toBe("image");
});
