import { expect, test } from "vitest";
import { type Block, type Inline, inlines, parseMarkdown } from "./markdown";

/** In short: kinds with what is in them. */
const brief = (part: Block | Inline): unknown => {
  if (part.kind === "list") return ["list", part.start, part.items.map((item) => [item.checked, ...item.of.map(brief)])];
  if (part.kind === "table") return ["table", part.head.map((cell) => cell.map(brief)), part.rows.map((row) => row.map((cell) => cell.map(brief)))];
  if ("text" in part) return part.kind === "text" ? part.text : [part.kind, part.text];
  if (part.kind === "link") return ["link", part.href, ...part.of.map(brief)];
  return "of" in part ? [part.kind, ...(part.of as (Block | Inline)[]).map(brief)] : [part.kind];
};
const read = (text: string): unknown[] => parseMarkdown(text).map(brief);

test("headings, paragraphs, rules, quotes and code", () => {
  expect(read("# Title #\nfirst\nsecond  \nthird\n\n---\n> quoted\n> more\n\n```python\na = 1\n\nb\n```\nend")).toEqual([
    ["heading", "Title"], ["paragraph", "first\nsecond", ["break"], "third"], ["rule"], ["quote", ["paragraph", "quoted\nmore"]], ["code", "a = 1\n\nb"], ["paragraph", "end"],
  ]);
});

test("lists, in each other, with numbers and tasks", () => {
  expect(read("- one\n  - inner\n- [x] two\n- [ ] three\n\n3. a\n4. b")).toEqual([
    ["list", null, [[null, ["paragraph", "one"], ["list", null, [[null, ["paragraph", "inner"]]]]], [true, ["paragraph", "two"]], [false, ["paragraph", "three"]]]],
    ["list", 3, [[null, ["paragraph", "a"]], [null, ["paragraph", "b"]]]],
  ]);
});

test("tables", () => {
  expect(read("| a | b |\n|---|:-:|\n| 1 | **2** |\n\nno | table")).toEqual([
    ["table", [["a"], ["b"]], [[["1"], [["strong", "2"]]]]], ["paragraph", "no | table"],
  ]);
});

test("emphasis, code, and what only looks like it", () => {
  const line = (text: string): unknown[] => inlines(text).map(brief);
  expect(line("a **b *c* d** `e*f*` ~~g~~")).toEqual(["a ", ["strong", "b ", ["em", "c"], " d"], " ", ["code", "e*f*"], " ", ["del", "g"]]);
  expect(line("snake_case_name 2 * 3 * 4 \\*not\\* **open")).toEqual(["snake_case_name 2 * 3 * 4 ", "*", "not", "*", " **open"]);
});

test("links go to the web and nowhere else, HTML is text", () => {
  const line = (text: string): unknown[] => inlines(text).map(brief);
  expect(line("[x](https://a.org/b) see https://c.org/d.")).toEqual([["link", "https://a.org/b", "x"], " see ", ["link", "https://c.org/d", "https://c.org/d"], "."]);
  for (const bad of ["[x](javascript:alert(1))", "[x](JaVaScRiPt:alert)", "[x](data:text/html,x)", "[x](//evil.org)", "![x](vbscript:y)", "[x](\u0001javascript:y)"]) {
    expect(JSON.stringify(line(bad))).not.toContain('"link"');
  }
  expect(read("<script>alert(1)</script>\n<img src=x onerror=alert(1)>")).toEqual([["paragraph", "<script>alert(1)</script>\n<img src=x onerror=alert(1)>"]]);
  expect(line("![plot](https://a.org/p.png)")).toEqual([["link", "https://a.org/p.png", "plot"]]);
});

test.each([
  `${"> ".repeat(5_000)}x`, "- ".repeat(5_000), "*a ".repeat(30_000), "[".repeat(50_000), "`".repeat(50_000), "**_~~".repeat(10_000), "[a](".repeat(20_000),
  Array.from({ length: 3_000 }, (_, n) => `${" ".repeat(n % 20)}- x`).join("\n"),
])("what is deep, long or never ends is read, too: %.12s", (text) => {
  const depth = (block: Block): number => 1 + Math.max(0, ...(block.kind === "quote" ? block.of : block.kind === "list" ? block.items.flatMap((item) => item.of) : []).map(depth));
  expect(Math.max(...parseMarkdown(text).map(depth))).toBeLessThan(12);
});
