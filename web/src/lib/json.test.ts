import { expect, test } from "vitest";
import { jsonRows, parseJson } from "./json";

const shown = (text: string, ...toggled: string[]): string[] =>
  jsonRows(parseJson(text), new Set(toggled)).map(({ depth, key, text: value }) => `${"  ".repeat(depth)}${key === null ? "" : `${key}: `}${value}`);

test("small things are open, large ones closed until somebody opens them", () => {
  const text = JSON.stringify({ lr: 0.1, net: { depth: 18 }, ids: Array.from({ length: 30 }, (_, i) => i) });
  expect(shown(text)).toEqual(["{…} 3 keys", "  lr: 0.1", "  net: {…} 1 key", "    depth: 18", "  ids: […] 30 items"]);
  expect(shown(text, "$/net", "$/ids")).toHaveLength(34);
  expect(shown(text, "$")).toEqual(["{…} 3 keys"]);
});

test("values as they are written", () => {
  expect(shown('[12345678901234567890, 1.50, 1e400, true, null, "a\\n\\"b\\"", {}, []]')).toEqual([
    "[…] 8 items", "  0: 12345678901234567890", "  1: 1.50", "  2: 1e400", "  3: true", "  4: null", '  5: "a\\n\\"b\\""', "  6: {}", "  7: []",
  ]);
  expect(shown("3")).toEqual(["3"]);
  expect(() => parseJson("{NaN}")).toThrow(SyntaxError);
});

test("of a long list the first thousand are shown", () => {
  const rows = shown(JSON.stringify(Array.from({ length: 5_000 }, () => 0)));
  expect([rows.length, rows.at(-1)]).toEqual([1_002, "  4,000 more"]);
});

test("keys that look like paths do not meet", () => {
  const ids = jsonRows(parseJson('{"a/b": 1, "a": {"b": 2}, "__proto__": 3}'), new Set()).map((row) => row.id);
  expect(new Set(ids).size).toBe(ids.length);
});
