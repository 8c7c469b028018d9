import { expect, test } from "vitest";
import { compareRuns } from "./compare";
import type { Described } from "./fields";

const run = (id: string, config: Record<string, unknown>): Described => ({
  id, name: id, state: "finished", created_at: 0, runtime: 1, step: 3, user: "ada", group: null, job_type: null, notes: null, tags: [], config, summary: { loss: 1 },
});

test("only what differs, with how much that leaves out", () => {
  const runs = [run("a", { lr: 1, seed: 0, only: true }), run("b", { lr: 2, seed: 0 })];
  const [config, summary, facts] = compareRuns(runs, false);
  expect(config?.rows.map(({ title, cells }) => [title, cells.map(({ text, differs }) => [text, differs])])).toEqual([
    ["lr", [["1", false], ["2", true]]],
    ["only", [["True", false], ["", true]]],
  ]);
  expect([config?.hidden, summary?.rows.length, summary?.hidden, facts?.rows.length]).toEqual([1, 0, 1, 0]);
  expect(compareRuns(runs, true)[0]?.rows).toHaveLength(3);
});
