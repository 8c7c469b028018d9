import { expect, test } from "vitest";
import { project, toCloud } from "./cloud";

test("a cloud lies around 0 and keeps its colours", () => {
  const { points, colours } = toCloud([[0, 0, 0, 255, 0, 0], [2, 4, 4, 0, 255, 0], "x", [1]]);
  expect([...points]).toEqual([-0.5, -1, -1, 0.5, 1, 1]);
  expect([...colours]).toEqual([255, 0, 0, 0, 255, 0]);
  expect(toCloud({ type: "lidar/beta", points: [[1, 1, 1]] }).points).toHaveLength(3);
  expect(toCloud(Array.from({ length: 120_000 }, (_, at) => [at, 0, 0])).points.length).toBeLessThanOrEqual(150_000);
  for (const other of [null, 5, [], {}]) expect(toCloud(other).points).toHaveLength(0);
});

test("turning by a quarter brings x to the back", () => {
  expect(project(0, 0, 0, 1, 1)).toEqual([0, -0, 0]);
  const [x, , depth] = project(1, 0, 0, Math.PI / 2, 0);
  expect(x).toBeCloseTo(0);
  expect(depth).toBeCloseTo(1);
});
