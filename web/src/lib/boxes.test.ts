import { expect, test } from "vitest";
import { boxesOf, labelsOf } from "./boxes";

test("boxes in parts of the image and in pixels", () => {
  const told = {
    box_data: [
      { position: { minX: 0.25, maxX: 0.75, minY: 0.5, maxY: 1 }, class_id: 1, scores: { sure: 0.9 } },
      { position: { middle: [20, 10], width: 20, height: 10 }, domain: "pixel", class_id: 2, box_caption: "dog" },
      { position: 5 }, 7, null,
    ],
    class_labels: { 1: "cat" },
  };
  expect(boxesOf(told, 40, 20)).toEqual([
    { x: 0.25, y: 0.5, width: 0.5, height: 0.5, id: 1, label: "cat sure 0.9" },
    { x: 0.25, y: 0.25, width: 0.5, height: 0.5, id: 2, label: "dog" },
  ]);
  for (const other of [null, 5, [], {}, { box_data: 5 }]) expect(boxesOf(other, 1, 1)).toEqual([]);
  expect(labelsOf({ 1: "a", 2: 5 })).toEqual({ 1: "a", 2: "5" });
});
