import { expect, test } from "vitest";
import { assignColours, COLOURS, colourOf, preferredColour } from "./palette";

const ids = Array.from({ length: 40 }, (_, index) => `run${index}`);

test("a run's colour depends on its id alone when it is alone", () => {
  expect(assignColours(["x1"], new Map()).get("x1")).toBe(preferredColour("x1"));
  expect(preferredColour("x1")).toBe(preferredColour("x1"));
});

test("neighbours never share a colour", () => {
  const colours = assignColours(ids, new Map());
  ids.forEach((id, place) => {
    const before = ids.slice(Math.max(0, place - COLOURS + 1), place);
    expect(before.map((other) => colours.get(other))).not.toContain(colours.get(id));
  });
});

test("new runs leave the colours of the others alone", () => {
  const first = assignColours(ids.slice(0, 20), new Map());
  const then = assignColours(ids, first);
  for (const [id, colour] of first) expect(then.get(id)).toBe(colour);
});

test("ids that differ little spread over all clear colours", () => {
  expect(new Set(ids.map(preferredColour)).size).toBe(8);
});

test("every colour exists in both themes", () => {
  for (let index = 0; index < COLOURS; index++) {
    expect(colourOf(index, "light")).toMatch(/^#[0-9a-f]{6}$/);
    expect(colourOf(index, "dark")).toMatch(/^#[0-9a-f]{6}$/);
  }
});
