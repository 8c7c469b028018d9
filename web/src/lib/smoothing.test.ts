import { expect, test } from "vitest";
import { smooth } from "./smoothing";

test("no weight, no change", () => {
  expect(smooth([1, null, 3], 0)).toEqual([1, null, 3]);
});

test("a constant stays what it is from the first point on", () => {
  for (const value of smooth([5, 5, 5, 5], 0.9)) expect(value).toBeCloseTo(5, 12);
});

test("weights are 1, w, w² … and add up to one", () => {
  const [first, second, third] = smooth([0, 1, 2], 0.5) as number[];
  expect(first).toBe(0);
  expect(second).toBeCloseTo(1 / 1.5);
  expect(third).toBeCloseTo((2 + 0.5) / 1.75);
});

test("gaps stay gaps and weigh nothing", () => {
  expect(smooth([1, null, undefined, 1], 0.9)).toStrictEqual([1, null, undefined, 1]);
});

test.each(["gaussian", "mean"] as const)("a %s window keeps straight lines straight, gaps and what is no number", (kind) => {
  const line = Array.from({ length: 50 }, (_, index) => index * 2);
  smooth(line, 0.8, kind).forEach((value, index) => expect(value).toBeCloseTo(index * 2));
  const holes = [1, undefined, 3, null, 5];
  expect(smooth(holes, 0.5, kind).map((value) => value && Number(value.toFixed(9)))).toEqual([1, undefined, 3, null, 5]);
});

test("a running mean is the mean of those around a point", () => {
  expect(smooth([0, 0, 9, 0, 0], 0.5, "mean")).toEqual([0, 3, 3, 3, 0]);
});
