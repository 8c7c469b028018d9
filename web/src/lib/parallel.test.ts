import { expect, test } from "vitest";
import type { Described } from "./fields";
import { axisOf, nearestLine, passing, rampColour } from "./parallel";

const run = (config: Record<string, unknown>): Described => ({
  id: "a", name: "a", state: "finished", created_at: 0, runtime: 1, step: 3, user: "ada", group: null, job_type: null, notes: null, tags: [], config, summary: {},
});
const of = (...values: unknown[]): Described[] => values.map((value) => run(value === undefined ? {} : { x: value }));

test("numbers in proportion, wide positive ones by magnitude, texts in order", () => {
  expect(axisOf(of(0, 5, 10, undefined, Number.NaN), "config.x").places).toEqual([0, 0.5, 1, null, null]);
  const log = axisOf(of(0.001, 0.01, 0.1), "config.x");
  expect([log.kind, ...log.places.map((place) => Number(place?.toFixed(6)))]).toEqual(["log", 0, 0.5, 1]);
  const text = axisOf(of("b", "a", "c", "a"), "config.x");
  expect([text.kind, text.places, text.ticks.map((tick) => tick.text)]).toEqual(["text", [0.5, 0, 1, 0], ["a", "b", "c"]]);
  expect(axisOf(of(3, 3), "config.x").places).toEqual([0.5, 0.5]);
  expect(axisOf([], "config.x").places).toEqual([]);
});

test("a brush keeps what lies in it, and what has no value is out", () => {
  const axes = [axisOf(of(0, 5, 10, undefined), "config.x")];
  expect(passing(axes, {}, 4)).toEqual([true, true, true, true]);
  expect(passing(axes, { "config.x": [0.4, 1] }, 4)).toEqual([false, true, true, false]);
});

test("the nearest line is found among those that pass", () => {
  const axes = [axisOf(of(0, 10), "config.x"), axisOf(of(0, 10), "config.x")];
  expect(nearestLine(axes, [true, true], 0.5, 0.9, 0.2)).toBe(1);
  expect(nearestLine(axes, [true, false], 0.5, 0.9, 0.2)).toBeNull();
  expect(nearestLine(axes, [true, true], 1, 0.1, 0.2)).toBe(0);
});

test("colours go from one end to the other", () => {
  expect(rampColour(0, "light")).toBe("#3b2fa8");
  expect(rampColour(1, "light")).toMatch(/^#d9a4?/);
  expect(rampColour(Number.NaN, "dark")).toMatch(/^#/);
});
