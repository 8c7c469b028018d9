import { expect, test } from "vitest";
import { parseTable } from "./csv";

test("quotes, commas and newlines in them, empty cells", () => {
  expect(parseTable('\ufeffa,b,c\r\n1,"x, ""y""\nz",\r\n\r\n,2\n', ",", true)).toEqual({
    head: ["a", "b", "c"], rows: [["1", 'x, "y"\nz', ""], ["", "2", ""]], cut: false,
  });
  expect(parseTable("a\tb\n1\t", "\t", true).rows).toEqual([["1", ""]]);
  expect(parseTable("", ",", true)).toEqual({ head: [], rows: [], cut: false });
  expect(parseTable('a,b\n"never closed,2', ",", true).rows).toEqual([["never closed,2", ""]]);
});

test("of the beginning of a file the last row may be half of one", () => {
  expect(parseTable("a,b\n1,2\n3,", ",", false)).toEqual({ head: ["a", "b"], rows: [["1", "2"]], cut: true });
});

test("a long and a wide one are cut", () => {
  const long = parseTable(`a,b\n${"1,2\n".repeat(5_000)}`, ",", true);
  expect([long.rows.length, long.cut]).toEqual([1_000, true]);
  const wide = parseTable(`${"a,".repeat(999)}a\n${"1,".repeat(999)}1\n`, ",", true);
  expect([wide.head.length, wide.rows[0]?.length, wide.cut]).toEqual([100, 100, true]);
});
