import { expect, test } from "vitest";
import type { Described } from "./fields";
import { defaultAxes, defaultColumns, differing, grown, runsCsv, summarise } from "./table";

const run = (id: string, config: Record<string, unknown>, summary: Record<string, unknown> = {}): Described => ({
  id, name: id, state: "finished", created_at: 0, runtime: 65, step: 3, user: "ada", group: null, job_type: null, notes: null, tags: [], config, summary,
});
const runs = [run("a", { lr: 1, seed: 0, data: "x" }, { acc: 0.5, text: "t" }), run("b", { lr: 3, data: "x" }, { acc: 0.25, text: "u" })];

test("a new reader gets what differs, and the numbers at the end", () => {
  expect(differing(runs, ["config.lr", "config.seed", "config.data"])).toEqual(["config.lr"]); // what one run alone has tells nothing
  expect(defaultColumns(runs, ["config.lr", "config.data"], ["summary.acc", "summary.text"])).toEqual(["state", "created", "duration", "tags", "config.lr", "summary.acc"]);
  expect(defaultAxes(runs, ["config.lr", "config.data"], ["summary.text", "summary.acc"])).toEqual(["config.lr", "summary.acc"]);
  expect(defaultColumns([], [], [])).toEqual(["state", "created", "duration", "tags"]);
});

test("columns come behind those that are there, and none goes", () => {
  const before = ["state", "config.lr"];
  expect(grown(undefined, before, 1)).toBe(before);
  expect(grown(before, ["state", "summary.acc", "summary.loss"], 4)).toEqual(["state", "config.lr", "summary.acc", "summary.loss"]);
  expect(grown(before, ["summary.acc", "summary.loss"], 3)).toEqual(["state", "config.lr", "summary.acc"]);
  expect(grown(before, ["config.lr"], 4)).toBe(before);
  expect(grown(before, ["summary.acc"], 1)).toBe(before);
});

test("a group's row: numbers as one, equal texts as they are, others counted", () => {
  expect(summarise(runs, "config.lr", "mean").text).toBe("2");
  expect(summarise(runs, "config.lr", "max").text).toBe("3");
  expect(summarise([...runs, run("c", { lr: 10 })], "config.lr", "median").text).toBe("3");
  expect(summarise(runs, "config.data", "mean").text).toBe("x");
  expect(summarise(runs, "summary.text", "mean")).toEqual({ text: "2 values", title: "t\nu", numeric: false });
  expect(summarise(runs, "config.none", "mean").text).toBe("");
  expect(summarise([run("a", { lr: Number.NaN })], "config.lr", "min").text).toBe("NaN");
});

test("the file has exact values", () => {
  expect(runsCsv(runs, ["config.lr", "config.seed", "created"])).toBe("id,name,config.lr,config.seed,created\r\na,a,1,0,1970-01-01T00:00:00.000Z\r\nb,b,3,,1970-01-01T00:00:00.000Z\r\n");
});
