import { expect, test } from "vitest";
import { merged, newestFirst } from "./merge";

const run = (id: string, created_at: number, updated_at: number, step = 0) => ({ id, created_at, updated_at, step });

test("of a run in both lists the later one counts", () => {
  const both = merged([run("a", 1, 5, 1), run("b", 2, 5, 1)], [run("a", 1, 4, 2), run("b", 2, 5, 2), run("c", 3, 1)]);
  expect(both.map(({ id, step }) => [id, step])).toEqual([["a", 1], ["b", 2], ["c", 0]]);
});

test("newest first, then by id", () => {
  expect(newestFirst([run("a", 1, 0), run("b", 2, 0), run("c", 2, 0)]).map(({ id }) => id)).toEqual(["c", "b", "a"]);
});
