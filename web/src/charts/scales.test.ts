import { expect, test } from "vitest";
import type { Line } from "../lib/buckets";
import { clippedExtent, extent, xRange, yRange } from "./scales";

const line = (mean: (number | null)[], min = mean, max = mean): Line => ({ run: 0, mean, min, max, filled: mean.length, banded: false });

test("bands count, when they are drawn", () => {
  const lines = [line([1, null, 2], [0, null, 1], [9, null, 3])];
  expect(extent(lines, false, true)).toEqual([0, 9]);
  expect(extent(lines, false, false)).toEqual([1, 2]);
});

test("a logarithmic axis leaves out what is not positive", () => {
  expect(extent([line([-1, 0, 4])], true, true)).toEqual([4, 4]);
  expect(extent([line([-1])], true, true)).toBeNull();
});

test("there is room around the lines, not below a zero that nothing crosses", () => {
  expect(yRange([0, 10], false)).toEqual([0, 10.6]);
  expect(yRange([-10, 10], false)).toEqual([-11.2, 11.2]);
  expect(yRange([3, 3], false)).toEqual([2.7, 3.3]);
  expect(yRange([0, 0], false)).toEqual([0, 1]);
  expect(yRange(null, false)).toEqual([0, 1]);
  const [low, high] = yRange([1, 100], true);
  expect(low).toBeLessThan(1);
  expect(high).toBeGreaterThan(100);
});

test("one point stands in the middle; a zoom is kept", () => {
  expect(xRange([5], null)).toEqual([4.5, 5.5]);
  expect(xRange([0, 5], null)).toEqual([0, 5]);
  expect(xRange([0, 5], [1, 2])).toEqual([1, 2]);
});

test("few far values are left out when that is wanted, a steady slope is not", () => {
  const values = Array.from({ length: 100 }, (_, index) => index / 100);
  const [low, high] = clippedExtent([line([...values, 1e6])], false, false) ?? [0, 0];
  expect(low).toBe(0);
  expect(high).toBeLessThan(2);
  expect(clippedExtent([line(values)], false, false)).toEqual([0, 0.99]);
  expect(clippedExtent([line([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5])], false, false)).toEqual([1, 5]);
  expect(clippedExtent([line([-1, 1, 100])], true, false)).toEqual([1, 100]);
});
