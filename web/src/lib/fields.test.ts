import { expect, test } from "vitest";
import { compareValues, type Described, fieldsOf, fieldsOfColumns, sortRuns, textOf, titleOf, valueOf } from "./fields";

const run = (more: Partial<Described> = {}): Described => ({
  id: "a", name: "calm", state: "finished", created_at: 0, runtime: 65, step: 3, user: "ada", group: null, job_type: null, notes: null, tags: [], config: {}, summary: {}, ...more,
});

test("values are found by dotted paths, whatever dots the names have", () => {
  const one = run({ config: { net: { depth: 18, "a.b": 1 }, "x.y": 2 }, summary: { "val/acc": 0.5 }, tags: ["x", "y"] });
  expect(valueOf(one, "config.net.depth")).toBe(18);
  expect(valueOf(one, "config.net.a.b")).toBe(1);
  expect(valueOf(one, "config.x.y")).toBe(2);
  expect(valueOf(one, "summary.val/acc")).toBe(0.5);
  expect(valueOf(one, "config.nothing.at.all")).toBeUndefined();
  expect(valueOf(one, "constructor")).toBeUndefined();
  expect([textOf(one, "tags"), textOf(one, "duration"), textOf(one, "group"), titleOf("config.net.depth"), titleOf("created")]).toEqual(["x, y", "1m 05s", "", "net.depth", "Started"]);
});

test("fields are those that most runs have first, without the server's own", () => {
  const runs = [run({ config: { lr: 1, b: {} } }), run({ config: { lr: 2, net: { depth: 1 } }, summary: { _step: 1, image: { _type: "image-file", sha256: "x" } } })];
  expect(fieldsOf(runs, "config")).toEqual(["config.lr", "config.b", "config.net.depth"]);
  expect(fieldsOf(runs, "summary")).toEqual(["summary.image"]);
});

test("numbers come before texts, nothing comes last whichever way one sorts", () => {
  expect([undefined, "b", 2, Number.NaN, 10, "a", true].toSorted(compareValues)).toEqual([true, 2, 10, Number.NaN, "a", "b", undefined]);
  const runs = [run({ id: "none" }), run({ id: "two", config: { lr: 2 } }), run({ id: "ten", config: { lr: 10 } })];
  expect(sortRuns(runs, "config.lr").map(({ id }) => id)).toEqual(["two", "ten", "none"]);
  expect(sortRuns(runs, "-config.lr").map(({ id }) => id)).toEqual(["ten", "two", "none"]);
});

test("what the server names is offered as fields, media as one, what is only an object not", () => {
  const said = (name: string, ...kinds: string[]) => ({ name, kinds });
  const all = [
    said("config.a", "number"), said("config.net", "object"), said("config.net.depth", "number"), said("config.odd", "object", "string"),
    said("summary.loss", "number", "nan"), said("summary.image", "object"), said("summary.image._type", "string"), said("summary.image.width", "number"), said("summary._step", "number"),
  ];
  expect(fieldsOfColumns(all, "config")).toEqual(["config.a", "config.net.depth", "config.odd"]);
  expect(fieldsOfColumns(all, "summary")).toEqual(["summary.loss", "summary.image"]);
});
