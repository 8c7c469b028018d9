import { expect, test } from "vitest";
import type { Lines } from "./buckets";
import { decadesOf, joined } from "./decades";

test("decades below the highest are asked for, down to the first step", () => {
  expect(decadesOf([500, 9_999], "step", null, false)).toEqual([[1, 1], [1, 10], [10, 100], [100, 1000]].slice(1));
  expect(decadesOf([500, 9_999], "step", 50, false)).toEqual([[50, 100], [100, 1000]]);
  expect(decadesOf([1, 2, 3], "step", null, true)).toEqual([]);
  expect(decadesOf([], "step", null, false)).toEqual([]);
  expect(decadesOf([-5, 0], "metric:loss", null, false)).toEqual([]);
  const seconds = decadesOf([1, 100], "runtime", null, false);
  expect(seconds.length).toBe(6);
  expect(seconds.at(-1)).toEqual([1, 10]);
});

test("what the parts have stands before what the whole has above them", () => {
  const of = (run: number, values: (number | undefined)[]): Lines["lines"][number] => ({ run, mean: values, min: values, max: values, filled: values.filter((value) => value !== undefined).length, banded: false });
  const whole: Lines = { x: [5, 15, 25], lines: [of(0, [1, 2, 3]), of(1, [undefined, 7, 8])], points: 30 };
  const part: Lines = { x: [1, 2], lines: [of(0, [0.1, 0.2])], points: 2 };
  const { x, lines, points } = joined([part], whole, 10);
  expect([x, points]).toEqual([[1, 2, 15, 25], 30]);
  expect(lines.map((line) => [line.run, line.mean, line.filled])).toEqual([[0, [0.1, 0.2, 2, 3], 4], [1, [undefined, undefined, 7, 8], 2]]);
});
