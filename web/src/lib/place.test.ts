import { expect, test } from "vitest";
import { parsePlace, withoutPlace, withPlace } from "./place";
import { forkPython, forkShell, rewindPython, rewindShell } from "./recipes";

test.each([
  ["", { step: null, segment: null }],
  ["?step=500", { step: 500, segment: null }],
  ["?step=0&segment=a%2Fb", { step: 0, segment: "a/b" }],
  ["?step=-1", { step: null, segment: null }],
  ["?step=1e3", { step: null, segment: null }],
  ["?smooth=0.5&step=7", { step: 7, segment: null }],
])("%s", (query, place) => {
  expect(parsePlace(query)).toEqual(place);
});

test("a place comes and goes, and the rest of the address stays", () => {
  const query = "?x=runtime&log=a%2Cb";
  expect(withPlace(query, { step: 5, segment: "s 1" })).toBe("?x=runtime&log=a%2Cb&segment=s%201&step=5");
  expect(withPlace(withPlace(query, { step: 5, segment: "s" }), { step: null, segment: null })).toBe(query);
  expect(withoutPlace("?step=5")).toBe("");
});

test("lines to paste", () => {
  const spot = { entity: "ada", project: "digits", id: "x1", step: 500, segment: null, home: "ada" };
  expect(rewindPython(spot)).toBe('run = playhead.init(project="digits", resume_from="x1?_step=500")');
  expect(forkPython({ ...spot, entity: "team" })).toBe('run = playhead.init(entity="team", project="digits", fork_from="x1?_step=500")');
  expect(rewindShell(spot)).toBe("playhead rewind ada/digits/x1 --step 500");
  expect(rewindShell({ ...spot, segment: "s9" })).toBe("playhead rewind ada/digits/x1 --to s9 --step 500");
  expect(forkShell(spot)).toBe("playhead run --project digits --fork-from 'x1?_step=500' train.py");
});
