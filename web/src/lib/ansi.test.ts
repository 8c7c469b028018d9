import { expect, test } from "vitest";
import { parseAnsi, stripAnsi } from "./ansi";

const E = "\u001b";

test("plain text is one span, an empty line none", () => {
  expect(parseAnsi("hello <b>")).toEqual([{ text: "hello <b>" }]);
  expect(parseAnsi("")).toEqual([]);
});

test("the sixteen colours and their ends", () => {
  expect(parseAnsi(`a${E}[31mb${E}[0mc${E}[92;44md${E}[39me${E}[49mf`)).toEqual([
    { text: "a" },
    { text: "b", fg: "red" },
    { text: "c" },
    { text: "d", fg: "bright-green", bg: "blue" },
    { text: "e", bg: "blue" },
    { text: "f" },
  ]);
});

test("bold, dim, italic, underline, strike, on and off", () => {
  expect(parseAnsi(`${E}[1;2;3;4;9mx${E}[22my${E}[23;24;29mz`)).toEqual([
    { text: "x", bold: true, dim: true, italic: true, underline: true, strike: true },
    { text: "y", italic: true, underline: true, strike: true },
    { text: "z" },
  ]);
});

test("256 colours and 24 bits", () => {
  expect(parseAnsi(`${E}[38;5;9ma${E}[38;5;196mb${E}[48;5;244mc${E}[0;38;2;1;2;300md`)).toEqual([
    { text: "a", fg: "bright-red" },
    { text: "b", fg: "rgb(255 0 0)" },
    { text: "c", fg: "rgb(255 0 0)", bg: "rgb(128 128 128)" },
    { text: "d", fg: "rgb(1 2 255)" },
  ]);
});

test("inverse swaps the colours", () => {
  expect(parseAnsi(`${E}[7mx${E}[31my`)).toEqual([
    { text: "x", fg: "inverse", bg: "inverse" },
    { text: "y", fg: "inverse", bg: "red" },
  ]);
});

test("an empty sequence resets; sequences that are no colours vanish", () => {
  expect(parseAnsi(`${E}[31ma${E}[mb${E}[2K${E}]0;title\u0007c`)).toEqual([{ text: "a", fg: "red" }, { text: "b" }, { text: "c" }]);
});

test("damage stays text", () => {
  expect(parseAnsi(`${E}[31`).map((span) => span.text).join("")).toBe(`${E}[31`);
  expect(parseAnsi(`${E}[38;5mx`)).toEqual([{ text: "x", fg: "black" }]);
  expect(parseAnsi(`${E}[38mx`)).toEqual([{ text: "x" }]);
});

test("the text alone", () => {
  expect(stripAnsi(`a${E}[31mb${E}[0m`)).toBe("ab");
});
