import { expect, test } from "vitest";
import { codeFacts, factsOf } from "./facts";

const text = (meta: Record<string, unknown>): Record<string, string> => Object.fromEntries(factsOf(meta).map((fact) => [fact.name, fact.text]));

test("what is known is told in words, what is not is left out", () => {
  expect(text({ host: "a", node: "a", cpu: "EPYC", cpu_count: 2, memory: 25_276_510_208, gpus: ["H100", "H100"], program: "train.py", args: ["--lr", "1"], sweep_id: "s1", docker: null }))
    .toEqual({ Command: "train.py --lr 1", Host: "a", Processor: "EPYC, 2 cores", Memory: "25 GB", GPU: "2 × H100", "Sweep id": "s1" });
  expect(factsOf({})).toEqual([]);
});

test("the commit is short to read and whole to copy; only safe addresses become links", () => {
  const commit = "8f14e45fceea167a5a36dedd4bea2543f1f2a3b4";
  const [first, second] = factsOf({ git: { commit, branch: "main", dirty: true, remote: "git@example.org:ada/net.git" } });
  expect(first).toEqual({ name: "Commit", text: "8f14e45fce on main, with changes", copy: commit });
  expect(second?.link).toBe("https://example.org/ada/net");
  expect(factsOf({ git: { remote: "javascript:alert(1)" } })[0]?.link).toBeUndefined();
  expect(factsOf({ git: { remote: "https://user:secret@example.org/x" } })[0]?.link).toBeUndefined();
});

test("the code's own facts link to the commit where hosts are known", () => {
  const commit = "8f14e45fceea167a5a36dedd4bea2543f1f2a3b4";
  const linked = (remote: string): string | undefined => codeFacts({ git: { commit, remote } })[0]?.link;
  expect(linked("git@github.com:ada/net.git")).toBe(`https://github.com/ada/net/commit/${commit}`);
  expect(linked("https://gitlab.example.org/ada/net")).toBe(`https://gitlab.example.org/ada/net/-/commit/${commit}`);
  expect(linked("https://example.org/net")).toBeUndefined();
  expect(codeFacts({ git: { commit: "javascript:alert(1)", remote: "git@github.com:ada/net.git" } })[0]?.link).toBeUndefined();
  expect(codeFacts({ program: "train.py", args: ["--lr", "1"], cwd: "/x" }).map((fact) => fact.text)).toEqual(["train.py --lr 1", "/x"]);
  expect(codeFacts({})).toEqual([]);
});
