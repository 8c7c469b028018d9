import { expect, test } from "vitest";
import { chartCsv, toCsv } from "./chartcsv";

test("a row a place, a column a run", () => {
  const line = { run: 0, mean: [1, undefined], min: [1, undefined], max: [1, undefined], filled: 1, banded: false };
  expect(chartCsv({ x: [0, 10], points: 1, lines: [line] }, "step", ["a,b"])).toBe('step,"a,b"\r\n0,1\r\n10,\r\n');
  expect(chartCsv({ x: [0], points: 1, lines: [{ ...line, min: [0], max: [2], banded: true }] }, "step", ["a"])).toBe("step,a,a (min),a (max)\r\n0,1,0,2\r\n");
});

test("nothing becomes a formula, quotes are doubled", () => {
  expect(toCsv([["=1+1", -1, 'say "x"', "@a", null]])).toBe(`'=1+1,-1,"say ""x""",'@a,\r\n`);
});
