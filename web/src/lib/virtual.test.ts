import { expect, test } from "vitest";
import { MAX_HEIGHT, scrollTopNear, scrollTopOf, visibleRows } from "./virtual";

test("a row comes into sight by the shortest way", () => {
  expect(scrollTopNear(10, 1000, 20, 400, 300)).toBe(200);
  expect(scrollTopNear(10, 1000, 20, 400, 0)).toBe(0);
  expect(scrollTopNear(30, 1000, 20, 400, 0)).toBe(220);
});

test("rows on the screen, with some to spare", () => {
  expect(visibleRows(1000, 20, 400, 2000, 5)).toEqual({ first: 95, last: 125, top: 1900, height: 20000 });
  expect(visibleRows(3, 20, 400, 0)).toEqual({ first: 0, last: 3, top: 0, height: 60 });
  expect(visibleRows(0, 20, 400, 0)).toMatchObject({ first: 0, last: 0 });
});

test("a list of millions reaches its first and its last row", () => {
  const total = 10_000_000;
  expect(visibleRows(total, 20, 400, 0).first).toBe(0);
  const end = visibleRows(total, 20, 400, MAX_HEIGHT - 400);
  expect(end.last).toBe(total);
  expect(end.height).toBe(MAX_HEIGHT);
});

test.each([100, 5_000_000])("scrolling to a row of %s brings it into sight", (total) => {
  for (const row of [0, 42, Math.floor(total / 2), total - 1]) {
    const { first, last } = visibleRows(total, 20, 400, scrollTopOf(row, total, 20, 400), 0);
    expect(first).toBeLessThanOrEqual(row);
    expect(last).toBeGreaterThan(row);
  }
});
