import { expect, test } from "vitest";
import { groupingOf, groupRows } from "./groups";

const run = (id: string, group: string | null = null, job_type: string | null = null, state = "finished", config: Record<string, unknown> = {}) =>
  ({ id, name: id, group, job_type, state, config, summary: {}, created_at: 0, runtime: 0, step: 0, user: "", notes: null, tags: [] });
const short = (rows: ReturnType<typeof groupRows>): string[] =>
  rows.map((row) => `${" ".repeat(row.depth)}${row.kind === "run" ? row.run.id : `${row.name}(${row.runs.length})`}`);

test("runs of a group stand together where the newest of them stood; the others by themselves", () => {
  const runs = [run("a"), run("b", "ddp"), run("c"), run("d", "ddp")];
  expect(short(groupRows(runs, "group", new Set()))).toEqual(["a", "ddp(2)", "c"]);
  expect(short(groupRows(runs, "group", new Set(["/ddp"])))).toEqual(["a", "ddp(2)", " b", " d", "c"]);
});

test("within a group by job type, if there are several", () => {
  const runs = [run("a", "g", "train"), run("b", "g", "eval"), run("c", "g", "train"), run("d", "g")];
  expect(short(groupRows(runs, "group", new Set(["/g", "/g/train"])))).toEqual(["g(4)", " train(2)", "  a", "  c", " eval(1)", " d"]);
  expect(short(groupRows([run("a", "g", "t"), run("b", "g", "t")], "group", new Set(["/g"])))).toEqual(["g(2)", " a", " b"]);
});

test("counts of states", () => {
  const [row] = groupRows([run("a", "g", null, "running"), run("b", "g"), run("c", "g")], "group", new Set());
  expect(row?.kind === "group" && row.states).toEqual([["finished", 2], ["running", 1]]);
});

test("by any field, with what has no value apart", () => {
  const runs = [run("a", null, null, "failed", { lr: 0.1 }), run("b"), run("c", null, null, "failed", { lr: 0.1 })];
  expect(short(groupRows(runs, "config.lr", new Set()))).toEqual(["0.1(2)", "b"]);
  expect(short(groupRows(runs, "state", new Set()))).toEqual(["failed(2)", "finished(1)"]);
  expect(groupingOf(runs, "config.lr")).toEqual({ names: ["0.1", "No lr"], of: new Map([["a", 0], ["b", 1], ["c", 0]]) });
});
