import { expect, test } from "vitest";
import { decodeText, isBinary, linesOf, lookOf, shownLine } from "./preview";

test.each([
  ["a/plot.PNG", "image"], ["x.svg", "text"], ["x.html", "text"], ["conf.json", "json"], ["log.jsonl", "text"], ["t.csv", "table"],
  ["t.tsv", "table"], ["model.pt", "none"], ["LICENSE", "text"], ["x.tar.gz", "none"], ["png", "text"],
])("%s is shown as %s", (path, look) => {
  expect(lookOf(path)).toBe(look);
});

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

test("what is no text", () => {
  expect(isBinary(bytes(80, 75, 3, 4, 0, 1))).toBe(true);
  expect(isBinary(bytes(1, 2, 3, 4, 65))).toBe(true);
  expect(isBinary(new TextEncoder().encode("häuser\n\tund\r\n\x1b[31mrot"))).toBe(false);
  expect(isBinary(bytes())).toBe(false);
});

test("half a character at the end of a part is left out", () => {
  const whole = new TextEncoder().encode("aä");
  expect(decodeText(whole.subarray(0, 2), false)).toBe("a");
  expect(decodeText(whole.subarray(0, 2), true)).toBe("a\ufffd");
  expect(decodeText(whole, true)).toBe("aä");
});

test("lines", () => {
  expect(linesOf("a\r\nb\n\nc\n")).toEqual(["a", "b", "", "c"]);
  expect(linesOf("")).toEqual([""]);
  expect(shownLine("x".repeat(5_010))).toMatch(/x… \(10 more characters\)$/);
});
