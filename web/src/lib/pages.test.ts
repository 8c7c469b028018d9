import { expect, test } from "vitest";
import { allPages } from "./pages";

const page = (cursor = "0") => Promise.resolve({ items: [Number(cursor)], next: cursor === "4" ? null : String(Number(cursor) + 1) });

test("all pages, or as many as are wanted", async () => {
  expect(await allPages(page, 100)).toEqual({ items: [0, 1, 2, 3, 4], more: false });
  expect(await allPages(page, 2)).toEqual({ items: [0, 1], more: true });
  let asked = 0;
  expect(await allPages(page, 100, { wanted: () => ++asked < 3 })).toEqual({ items: [0, 1], more: true });
});

test("what came so far is told", async () => {
  const told: number[] = [];
  await allPages(page, 100, { came: (items) => told.push(items.length) });
  expect(told).toEqual([1, 2, 3, 4, 5]);
});
