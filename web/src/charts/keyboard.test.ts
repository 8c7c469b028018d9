import { expect, test } from "vitest";
import { deedOf } from "./keyboard";

const x = Array.from({ length: 41 }, (_, index) => index * 10);

test("arrows move the crosshair, and stop at the ends", () => {
  expect(deedOf("ArrowRight", false, { x, index: null, zoom: null })).toEqual({ point: 0 });
  expect(deedOf("ArrowLeft", false, { x, index: null, zoom: null })).toEqual({ point: 40 });
  expect(deedOf("ArrowRight", false, { x, index: 3, zoom: null })).toEqual({ point: 4 });
  expect(deedOf("ArrowRight", true, { x, index: 3, zoom: null })).toEqual({ point: 13 });
  expect(deedOf("ArrowLeft", true, { x, index: 3, zoom: null })).toEqual({ point: 0 });
  expect(deedOf("End", false, { x, index: 3, zoom: null })).toEqual({ point: 40 });
});

test("plus shows half of it around the crosshair, within what was shown", () => {
  expect(deedOf("+", false, { x, index: null, zoom: null })).toEqual({ zoom: [100, 300] });
  expect(deedOf("+", false, { x, index: 40, zoom: null })).toEqual({ zoom: [200, 400] });
  expect(deedOf("=", false, { x, index: 20, zoom: [150, 250] })).toEqual({ zoom: [175, 225] });
  expect(deedOf("+", false, { x: [5], index: 0, zoom: null })).toBeNull();
});

test("zero shows everything; other keys are the page's", () => {
  expect(deedOf("0", false, { x, index: 1, zoom: [1, 2] })).toEqual({ zoom: null });
  expect(deedOf("Escape", false, { x, index: 1, zoom: null })).toBeNull();
  expect(deedOf("a", false, { x, index: 1, zoom: null })).toBeNull();
  expect(deedOf("ArrowLeft", false, { x: [], index: null, zoom: null })).toBeNull();
});
