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
