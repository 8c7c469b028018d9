import { expect, test } from "vitest";
import { parsePlace, withoutPlace, withPlace } from "./place";
import { forkPython, forkShell, restorePython, rewindPython, rewindShell } from "./recipes";

const NOWHERE = { step: null, segment: null, file: null, version: null };

test.each([
  ["", {}],
  ["?step=500", { step: 500 }],
  ["?step=0&segment=a%2Fb", { step: 0, segment: "a/b" }],
  ["?step=-1", {}],
  ["?step=1e3", {}],
  ["?smooth=0.5&step=7", { step: 7 }],
  ["?file=a/b%26%20c.txt&version=3", { file: "a/b& c.txt", version: 3 }],
  ["?version=3", {}],
])("%s", (query, place) => {
  expect(parsePlace(query)).toEqual({ ...NOWHERE, ...place });
});

test("a place comes and goes, and the rest of the address stays", () => {
  const query = "?x=runtime&log=a%2Cb";
  expect(withPlace(query, { ...NOWHERE, step: 5, segment: "s 1" })).toBe("?x=runtime&log=a%2Cb&segment=s%201&step=5");
  const file = { step: 5, segment: "s", file: "a/b& c.txt", version: 3 };
  expect(withPlace("", file)).toBe("?file=a/b%26%20c.txt&version=3&segment=s&step=5");
  expect(parsePlace(withPlace("", file))).toEqual(file);
  expect(withPlace(withPlace(query, file), NOWHERE)).toBe(query);
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

test("lines that fetch a file", () => {
  const spot = { entity: "ada", project: "digits", id: "x1", path: 'a "b".pt', step: null, version: null };
  expect(restorePython(spot)).toBe('playhead.restore("a \\"b\\".pt", run_path="ada/digits/x1")');
  expect(restorePython({ ...spot, step: 500 })).toBe('playhead.restore("a \\"b\\".pt", run_path="ada/digits/x1", step=500)');
  expect(restorePython({ ...spot, step: 500, version: 2 })).toBe('playhead.restore("a \\"b\\".pt", run_path="ada/digits/x1", version=2)');
});
