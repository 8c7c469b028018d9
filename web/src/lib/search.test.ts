import { expect, test } from "vitest";
import { matches, occurrences } from "./search";

test("every word must be somewhere", () => {
  expect(matches("Calm base", ["calm-river", null, "baseline"])).toBe(true);
  expect(matches("calm other", ["calm-river"])).toBe(false);
  expect(matches("  ", [])).toBe(true);
});

test("occurrences do not overlap", () => {
  expect(occurrences("aAaa", "aa")).toEqual([[0, 2], [2, 4]]);
  expect(occurrences("abc", "")).toEqual([]);
});
