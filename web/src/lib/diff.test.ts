import { expect, test } from "vitest";
import { diffRows, parseDiff } from "./diff";

const PATCH = `diff --git a/train.py b/train.py
index 1111111..2222222 100644
--- a/train.py
+++ b/train.py
@@ -1,4 +1,4 @@ def main():
 import os
-lr = 1
--- not a header
+lr = 2
++++ neither
 end
\\ No newline at end of file
diff --git a/old name.txt b/new name.txt
similarity index 100%
rename from old name.txt
rename to new name.txt
diff --git a/pic.png b/pic.png
new file mode 100644
index 0000000..3333333
GIT binary patch
literal 3
Kc=Nk
diff --git a/gone.py b/gone.py
deleted file mode 100644
--- a/gone.py
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git "a/\\303\\244.txt" "b/\\303\\244.txt"
--- "a/\\303\\244.txt"
+++ "b/\\303\\244.txt"
@@ -0,0 +1 @@
+one
`;

test("files, what happened to them, and the numbers of their lines", () => {
  const files = parseDiff(PATCH);
  expect(files.map(({ path, change, added, removed, binary }) => [path, change, added, removed, binary])).toEqual([
    ["train.py", "changed", 2, 2, false],
    ["new name.txt", "renamed", 0, 0, false],
    ["pic.png", "added", 0, 0, true],
    ["gone.py", "deleted", 0, 1, false],
    ["ä.txt", "changed", 1, 0, false],
  ]);
  expect(files[1]?.from).toBe("old name.txt");
  expect(files[0]?.lines.map(({ kind, before, after, text }) => [kind, before, after, text])).toEqual([
    ["hunk", 0, 0, "@@ -1,4 +1,4 @@ def main():"],
    ["same", 1, 1, "import os"],
    ["removed", 2, 0, "lr = 1"],
    ["removed", 3, 0, "-- not a header"],
    ["added", 0, 2, "lr = 2"],
    ["added", 0, 3, "+++ neither"],
    ["same", 4, 4, "end"],
    ["note", 0, 0, "No newline at end of file"],
  ]);
});

test("what is no patch has no files, and the beginning of one is shown", () => {
  expect(parseDiff("hello\nworld")).toEqual([]);
  expect(parseDiff(PATCH.slice(0, 150))[0]?.path).toBe("train.py");
});

test("lines of a closed file are no rows", () => {
  const files = parseDiff(PATCH);
  expect(diffRows(files, () => false)).toHaveLength(5);
  expect(diffRows(files, (file) => file.path === "gone.py")).toHaveLength(7);
});

test("a hundred thousand lines take a moment", () => {
  const many = `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,100000 @@\n${"+line\n".repeat(100_000)}`;
  expect(parseDiff(many)[0]?.added).toBe(100_000);
});
