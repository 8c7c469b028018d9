import { expect, test } from "vitest";
import { bucketPlace, nearestFilled, toLines, toWire } from "./buckets";
import type { Columns } from "./columns";

function answer(rows: [run: number, bucket: number, count: number, min: number, max: number, mean: number][], lo = 0, width = 1): Columns {
  const column = (index: number): Float64Array => Float64Array.from(rows, (row) => row[index] as number);
  return {
    meta: { lo, width },
    columns: { run: column(0), bucket: column(1), count: column(2), min: column(3), max: column(4), mean: column(5), last: column(5) },
  };
}

test("runs share one x; where one has nothing its line goes on", () => {
  const { x, lines, points } = toLines(answer([[0, 0, 1, 5, 5, 5], [0, 2, 1, 6, 6, 6], [1, 1, 3, 1, 3, 2]]), "step", 2);
  expect(x).toEqual([0, 1, 2]);
  expect(lines.map((line) => line.mean)).toEqual([[5, undefined, 6], [undefined, 2, undefined]]);
  expect(lines.map((line) => line.banded)).toEqual([false, true]);
  expect(points).toBe(5);
});

test("a bucket without a finite value breaks the line, its points count", () => {
  const { lines, points } = toLines(answer([[0, 0, 4, Number.NaN, Number.NaN, Number.NaN], [0, 1, 1, 1, 1, 1]]), "step", 1);
  expect(lines[0]?.mean).toStrictEqual([null, 1]);
  expect(lines[0]?.max).toStrictEqual([null, 1]);
  expect(lines[0]?.filled).toBe(1);
  expect(points).toBe(5);
});

test("a run without points has no line", () => {
  expect(toLines(answer([[2, 0, 1, 1, 1, 1]]), "step", 4).lines.map((line) => line.run)).toEqual([2]);
  expect(toLines(answer([]), "step", 4)).toEqual({ x: [], lines: [], points: 0 });
});

test("at full resolution a bucket lies on its step; a wider one in the middle of its steps", () => {
  expect(bucketPlace("step", 10, 1, 3)).toBe(13);
  expect(bucketPlace("step", 0, 4, 1)).toBe(5.5);
});

test("times are drawn in seconds and asked in microseconds", () => {
  expect(bucketPlace("runtime", 0, 1_000_001, 0)).toBe(0.5);
  expect(toWire("time", 2)).toBe(2_000_000);
  expect(toWire("step", 2)).toBe(2);
});

test("the nearest value is found on both sides, within reach", () => {
  expect(nearestFilled([null, 1, null, null], 3, 2)).toBe(1);
  expect(nearestFilled([null, 1, null, 2], 2, 1)).toBe(1);
  expect(nearestFilled([1, null, null, null], 3, 2)).toBeNull();
});
