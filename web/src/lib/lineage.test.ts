import { expect, test } from "vitest";
import { layout } from "./lineage";

const nodes = (...ids: string[]): { id: string }[] => ids.map((id) => ({ id }));
const edges = (...pairs: string[]): { source: string; target: string }[] => pairs.map((pair) => ({ source: pair[0] ?? "", target: pair[1] ?? "" }));
const places = (ids: string, ...pairs: string[]): Record<string, string> =>
  Object.fromEntries(layout(nodes(...ids), edges(...pairs)).nodes.map(({ node, column, row }) => [node.id, `${column}/${row}`]));

test("a chain goes to the right", () => {
  expect(places("cba", "ab", "bc")).toEqual({ a: "0/0", b: "1/0", c: "2/0" });
});

test("a node stands behind the longest way to it", () => {
  expect(places("abcd", "ab", "bc", "cd", "ad")).toEqual({ a: "0/0", b: "1/0", c: "2/0", d: "3/0" });
});

test("nodes stand near what they come from", () => {
  expect(places("abxy", "ay", "bx")).toEqual({ a: "0/0", b: "0/1", y: "1/0", x: "1/1" });
});

test("a circle is cut", () => {
  expect(places("ab", "ab", "ba")).toEqual({ a: "0/0", b: "1/0" });
  expect(places("aab", "aa", "ab")).toMatchObject({ b: "1/0" });
});

test("nothing is nothing", () => {
  expect(layout([], [])).toEqual({ nodes: [], columns: 0, rows: 0 });
});
