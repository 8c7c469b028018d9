import { expect, test } from "vitest";
import { byName, MANY, nameOf, parentOf, rowsOf, shownName, toTree } from "./filetree";

const file = (path: string, size = 1) => ({ path, size, step: 0, time: 0 });
const text = (search: string, ...paths: string[]): string[] =>
  rowsOf(toTree(byName(paths.map((path) => file(path))), search), () => true).map(({ kind, name, depth }) => `${"  ".repeat(depth)}${name}${kind === "folder" ? "/" : ""}`);

test("folders first, then files, as people count", () => {
  expect(text("", "b.txt", "ckpt/m-10.pt", "ckpt/m-9.pt", "a/b/c.txt", "A.txt")).toEqual([
    "a/", "  b/", "    c.txt", "ckpt/", "  m-9.pt", "  m-10.pt", "A.txt", "b.txt",
  ]);
});

test("a search leaves what has all its words in the path", () => {
  expect(text("ckpt 9", "b.txt", "ckpt/m-10.pt", "ckpt/m-9.pt")).toEqual(["ckpt/", "  m-9.pt"]);
  expect(text("nothing", "b.txt")).toEqual([]);
});

test("what is in a closed folder makes no rows, but counts", () => {
  const root = toTree([file("d/x", 5), file("d/e/y", 7)]);
  expect(rowsOf(root, () => false)).toMatchObject([{ path: "d", open: false, folder: { count: 2, size: 12 } }]);
  expect(root).toMatchObject({ count: 2, size: 12 });
});

test("names that objects have", () => {
  expect(text("", "__proto__/constructor", "toString")).toEqual(["__proto__/", "  constructor", "toString"]);
});

test("10,000 files are quick", () => {
  const files = Array.from({ length: 10_000 }, (_, i) => file(`d${i % 7}/e${i % 100}/f${i}`));
  const began = performance.now();
  expect(rowsOf(toTree(byName(files)), (folder) => folder.count > MANY).length).toBeGreaterThan(7);
  expect(performance.now() - began).toBeLessThan(1000);
});

test("parts of a path", () => {
  expect([nameOf("a/b.txt"), nameOf("b"), parentOf("a/b/c"), parentOf("c")]).toEqual(["b.txt", "b", "a/b", ""]);
  expect(shownName("a\u202etxt.exe")).toBe("a\ufffdtxt.exe");
});
