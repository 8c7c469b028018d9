import { expect, test } from "vitest";
import { groupLines } from "./aggregate";
import type { Line, Value } from "./buckets";

const line = (run: number, mean: Value[]): Line => ({ run, mean, min: mean.map((v) => (v == null ? v : v - 1)), max: mean.map((v) => (v == null ? v : v + 1)), filled: mean.length, banded: true });

test("a group is the mean of its runs, its band from the lowest to the highest", () => {
  const { lines } = groupLines({ x: [0, 1, 2], points: 9, lines: [line(0, [1, 2, 3]), line(1, [3, 4, 5]), line(2, [9, 9, 9]), line(3, [0, 0, 0])] }, [0, 0, 1], "range");
  expect(lines.map(({ run, mean }) => [run, mean])).toEqual([[0, [2, 3, 4]], [1, [9, 9, 9]]]);
  expect(lines[0]?.min).toEqual([0, 1, 2]);
  expect(lines[0]?.max).toEqual([4, 5, 6]);
});

test("deviation and error are around the mean", () => {
  const lines = [line(0, [0]), line(1, [2]), line(2, [4])];
  const of = (spread: "deviation" | "error"): Value => groupLines({ x: [0], points: 3, lines }, [0, 0, 0], spread).lines[0]?.max[0];
  expect(of("deviation")).toBe(4);
  expect(of("error")).toBeCloseTo(2 + 2 / Math.sqrt(3));
});

test("gaps are bridged within a run, never beyond its ends, and broken lines stay broken", () => {
  const lines = [line(0, [0, undefined, undefined, 3]), line(1, [undefined, 11, null, 13])];
  const [group] = groupLines({ x: [0, 1, 2, 3], points: 0, lines }, [0, 0], "range").lines;
  expect(group?.mean).toEqual([0, 6, 2, 8]);
});
