import { expect, test } from "vitest";
import { groupRows, isGrouped } from "./groups";

const run = (id: string, group: string | null = null, job_type: string | null = null, state = "finished") => ({ id, group, job_type, state });
const short = (rows: ReturnType<typeof groupRows>): string[] =>
  rows.map((row) => `${" ".repeat(row.depth)}${row.kind === "run" ? row.run.id : `${row.name}(${row.runs.length})`}`);

test("runs of a group stand together where the newest of them stood; the others by themselves", () => {
  const runs = [run("a"), run("b", "ddp"), run("c"), run("d", "ddp")];
  expect(short(groupRows(runs, new Set()))).toEqual(["a", "ddp(2)", "c"]);
  expect(short(groupRows(runs, new Set(["/ddp"])))).toEqual(["a", "ddp(2)", " b", " d", "c"]);
});

test("within a group by job type, if there are several", () => {
  const runs = [run("a", "g", "train"), run("b", "g", "eval"), run("c", "g", "train"), run("d", "g")];
  expect(short(groupRows(runs, new Set(["/g", "/g/train"])))).toEqual(["g(4)", " train(2)", "  a", "  c", " eval(1)", " d"]);
  expect(short(groupRows([run("a", "g", "t"), run("b", "g", "t")], new Set(["/g"])))).toEqual(["g(2)", " a", " b"]);
});

test("counts of states, and whether there is anything to group", () => {
  const [row] = groupRows([run("a", "g", null, "running"), run("b", "g"), run("c", "g")], new Set());
  expect(row?.kind === "group" && row.states).toEqual([["finished", 2], ["running", 1]]);
  expect(isGrouped([run("a")])).toBe(false);
  expect(isGrouped([run("a"), run("b", null, "eval")])).toBe(true);
});
