import { expect, test } from "vitest";
import { axisSteps, chainOf, cluster, lastStepOf, layOut, limbAt, resumesOf, segmentAt, type SegmentLike } from "./timeline";

const OWN = "ada/digits/r";

function segment(id: string, last: number | null, parent: string | null = null, at: number | null = null, run = OWN): SegmentLike {
  return { id, parent, parent_step: at, last_step: last, run };
}

const short = (segments: SegmentLike[], head: string, now = 0): string[] =>
  layOut(segments, head, OWN, now).limbs.map((limb) => `${limb.segment} ${limb.from}-${limb.to} @${limb.lane}${limb.off === null ? "" : ` off ${limb.off}`}${limb.foreign ? " foreign" : ""}`);

test("one segment is one line", () => {
  expect(short([segment("a", 9)], "a")).toEqual(["a 0-9 @0"]);
  expect(short([segment("a", 9)], "a", 12)).toEqual(["a 0-12 @0"]);
});

test("a rewind goes on in the line of the head, and what was left lies below", () => {
  const segments = [segment("a", 9), segment("b", 7, "a", 5)];
  expect(short(segments, "b")).toEqual(["a 0-5 @0", "b 5-7 @0", "a 5-9 @1 off 0"]);
  // The former head again: the rewound piece is what branches off.
  expect(short(segments, "a")).toEqual(["a 0-9 @0", "b 5-7 @1 off 0"]);
});

test("a chain of rewinds, each deeper, is one line", () => {
  const segments = [segment("a", 9), segment("b", 12, "a", 9), segment("c", 20, "b", 12)];
  expect(short(segments, "c")).toEqual(["a 0-9 @0", "b 9-12 @0", "c 12-20 @0"]);
});

test("branches of a branch hang below it", () => {
  const segments = [segment("a", 9), segment("b", 8, "a", 7), segment("c", 4, "a", 3), segment("d", 3, "a", 2)];
  expect(short(segments, "d")).toEqual(["a 0-2 @0", "d 2-3 @0", "a 2-9 @1 off 0", "b 7-8 @2 off 1", "c 3-4 @2 off 1"]);
});

test("branches that do not meet share a lane, those that do have one each", () => {
  const apart = [segment("a", 100), segment("b", 20, "a", 10), segment("c", 90, "a", 80)];
  expect(layOut(apart, "a", OWN).lanes).toBe(2);
  const together = [segment("a", 100), segment("b", 90, "a", 10), segment("c", 90, "a", 80)];
  const { limbs, lanes } = layOut(together, "a", OWN);
  expect(lanes).toBe(3);
  // The one that leaves first lies lower, so its link passes no lane.
  expect(limbs.map((limb) => [limb.segment, limb.lane])).toEqual([["a", 0], ["b", 2], ["c", 1]]);
});

test("a hundred rewinds from the same step", () => {
  const segments = [segment("s0", 100)];
  for (let i = 1; i <= 100; i++) segments.push(segment(`s${i}`, 100, `s0`, 50));
  const { limbs, lanes, last } = layOut(segments, "s100", OWN);
  expect([lanes, last, limbs.length]).toEqual([101, 100, 102]);
  const lanesOf = limbs.filter((limb) => limb.lane > 0).map((limb) => limb.lane);
  expect(new Set(lanesOf).size).toBe(100);
});

test("a chain of a hundred rewinds", () => {
  const segments = [segment("s0", 10)];
  for (let i = 1; i <= 100; i++) segments.push(segment(`s${i}`, 10 + i * 10, `s${i - 1}`, i * 10 - 5));
  const { limbs, lanes } = layOut(segments, "s100", OWN);
  expect(limbs.filter((limb) => limb.lane === 0)).toHaveLength(101);
  expect(lanes).toBeLessThanOrEqual(3); // the tails are short, and lie side by side
});

test("a segment without rows is a point where it branches off", () => {
  const segments = [segment("a", 9), segment("b", null, "a", 5)];
  expect(short(segments, "b")).toEqual(["a 0-5 @0", "b 5-5 @0", "a 5-9 @1 off 0"]);
  expect(short([segment("a", null)], "a")).toEqual(["a 0-0 @0"]);
});

test("a run begun anew has its former self below, without a link", () => {
  expect(short([segment("a", 9), segment("b", 3)], "b")).toEqual(["b 0-3 @0", "a 0-9 @1"]);
});

test("of the run that it was forked from, a fork shows what it begins with", () => {
  const parent = segment("p", 100, null, null, "ada/digits/parent");
  expect(short([parent, segment("a", 9, "p", 5)], "a")).toEqual(["p 0-5 @0 foreign", "a 5-9 @0"]);
  // Rewound below the fork: the first piece still hangs on what it began with.
  const below = [parent, segment("a", 9, "p", 5), segment("b", 4, "p", 3)];
  expect(short(below, "b")).toEqual(["p 0-3 @0 foreign", "b 3-4 @0", "p 3-5 @1 off 0 foreign", "a 5-9 @2 off 1"]);
});

test("a parent that is gone, and a ring of parents, hang nothing up", () => {
  expect(short([segment("a", 9, "gone", 5)], "a")).toEqual(["a 0-9 @0"]);
  expect(layOut([segment("a", 9, "b", 5), segment("b", 9, "a", 5)], "a", OWN).limbs.length).toBeGreaterThan(0);
  expect(layOut([], "a", OWN)).toEqual({ limbs: [], lanes: 1, last: 0 });
});

test("the history of a segment, and the place of a step in it", () => {
  const segments = [segment("a", 9), segment("b", 7, "a", 5), segment("c", 3, "b", 2)];
  const chain = chainOf(segments, "c");
  expect(chain.map(({ segment: { id }, limit }) => [id, limit])).toEqual([["a", 2], ["b", 2], ["c", null]]);
  expect(segmentAt(chain, 1)?.id).toBe("a");
  expect(segmentAt(chain, 3)?.id).toBe("c");
  expect(lastStepOf(segments, "b")).toBe(7);
  expect(lastStepOf([segment("a", null)], "a")).toBe(null);
  const layout = layOut(segments, "b", OWN);
  expect(limbAt(layout, "a", 8)?.lane).toBe(1);
  expect(limbAt(layout, "a", 2)?.lane).toBe(0);
});

test("things that lie too close become one", () => {
  const marks = Array.from({ length: 10_000 }, (_, step) => ({ step }));
  const found = cluster(marks, (mark) => mark.step, 9_999, 100);
  expect(found.length).toBeLessThanOrEqual(101);
  expect(found.reduce((sum, { items }) => sum + items.length, 0)).toBe(10_000);
  expect(cluster([{ step: 3 }, { step: 4 }], (mark) => mark.step, 4)).toHaveLength(2);
});

test("labels of the axis are round, and the end is one of them", () => {
  expect(axisSteps(999, 5)).toEqual([0, 200, 400, 600, 800, 999]);
  expect(axisSteps(3)).toEqual([0, 1, 2, 3]);
  expect(axisSteps(0)).toEqual([0]);
  expect(axisSteps(10_000_000, 5)).toEqual([0, 2_000_000, 4_000_000, 6_000_000, 8_000_000, 10_000_000]);
});

test("several writers that begin together are no resuming", () => {
  const session = (step: number, label: string, fenced = false) => ({ step, label, fenced });
  expect(resumesOf([session(0, "rank-0"), session(0, "rank-1")])).toEqual([]);
  const again = [session(0, "a"), session(0, "b"), session(50, "a"), session(50, "b"), session(80, "a", true)];
  expect(resumesOf(again).map((one) => one.step)).toEqual([50]);
  expect(resumesOf([])).toEqual([]);
});
