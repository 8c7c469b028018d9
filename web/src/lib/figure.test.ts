import { expect, test } from "vitest";
import { toFigure } from "./figure";

test("a figure is as wide as there is room and as high as it says", () => {
  const data = [{ type: "scatter", y: [1, 2] }];
  expect(toFigure({ data, layout: { width: 5_000, height: 300, title: "t" }, config: { editable: true } })).toEqual({
    data, layout: { title: "t", images: [], autosize: true, height: 300 }, frames: [],
  });
  expect(toFigure({ data }).layout["height"]).toBe(450);
  expect(toFigure({ data, layout: { height: 1e9 } }).layout["height"]).toBe(2_000);
});

test("pictures are those that the figure holds", () => {
  const held = { source: "data:image/png;base64,AA==" };
  expect(toFigure({ layout: { images: [held, { source: "https://example.com/a.png" }, { source: "/?token=x" }, 5] } }).layout["images"]).toEqual([held]);
});

test("what cannot be drawn is told", () => {
  for (const wrong of [null, 5, [], { data: 5 }, { data: [5] }, { layout: [] }, { frames: {} }]) expect(() => toFigure(wrong)).toThrow("no figure");
  expect(() => toFigure({ data: [{ type: "scattermap" }] })).toThrow("Maps");
  expect(() => toFigure({ data: [{ type: "heatmap" }, { type: "treemap" }] })).not.toThrow();
});
