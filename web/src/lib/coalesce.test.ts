import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { backOff, Coalesced } from "./coalesce";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("asked often, it runs once at once, and once more after a rest", async () => {
  let runs = 0;
  const task = new Coalesced(async () => void (runs += 1), 500, () => Date.now());
  for (let i = 0; i < 10; i++) task.ask();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toBe(1);
  for (let i = 0; i < 10; i++) task.ask();
  await vi.advanceTimersByTimeAsync(499);
  expect(runs).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(runs).toBe(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs).toBe(2);
});

test("asked while it runs, it runs again; a slow task rests longer", async () => {
  let runs = 0;
  const task = new Coalesced(() => new Promise((resolve) => setTimeout(() => resolve(void (runs += 1)), 1000)), 100, () => Date.now());
  task.ask();
  await vi.advanceTimersByTimeAsync(500);
  task.ask();
  await vi.advanceTimersByTimeAsync(500 + 1999);
  expect(runs).toBe(1);
  await vi.advanceTimersByTimeAsync(1001);
  expect(runs).toBe(2);
});

test("cancelled, it does not run", async () => {
  let runs = 0;
  const task = new Coalesced(async () => void (runs += 1), 500, () => Date.now());
  task.ask();
  task.cancel();
  await vi.advanceTimersByTimeAsync(1000);
  expect(runs).toBe(0);
});

test("waits double up to a limit", () => {
  expect([0, 1, 2, 20].map((attempt) => backOff(attempt, 1))).toEqual([500, 1000, 2000, 15000]);
  expect(backOff(0, 0)).toBe(250);
});
