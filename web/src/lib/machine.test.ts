import { expect, test } from "vitest";
import { unitOf } from "./machine";

test.each([
  ["cpu", "%"], ["memory.process", "MiB"], ["network.sent", "MB/s"], ["gpu.0.temperature", "°C"], ["gpu.11.memory", "%"], ["threads", ""], ["constructor", ""],
])("%s is in %s", (key, unit) => {
  expect(unitOf(key)).toBe(unit);
});
