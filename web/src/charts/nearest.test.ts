import { expect, test } from "vitest";
import type { Line, Value } from "../lib/buckets";
import { nearestRun } from "./nearest";

const line = (run: number, mean: Value[]): Line => ({ run, mean, min: mean, max: mean, filled: mean.length, banded: false });
const away = (value: number): number => Math.abs(value - 1);

test("the run that the pointer touches is the nearest within reach", () => {
  const lines = { x: [0, 1], lines: [line(0, [3, 3]), line(1, [undefined, 2])], points: 3 };
  expect(nearestRun(lines, 0, away, 5)).toBe(1);
  expect(nearestRun(lines, 0, away, 0.5)).toBeNull();
});

test("a line is not touched where it is broken", () => {
  expect(nearestRun({ x: [0, 1], lines: [line(0, [null, 1])], points: 2 }, 0, away, 5)).toBeNull();
});
