import { expect, test } from "vitest";
import { formatAgo, formatBytes, formatDuration, formatLogTicks, formatNumber, formatRuntimeTick, formatTicks, plural } from "./format";

test.each([
  [0, "0"], [1, "1"], [-3, "−3"], [12345, "12,345"], [0.1234567, "0.1235"], [0.00001, "1e-5"], [1.5e-7, "1.5e-7"], [123456.789, "123,457"],
  [1e12, "1e12"], [0.1 + 0.2, "0.3"], [99.999, "100"], [Number.NaN, "NaN"], [Infinity, "∞"], [-Infinity, "−∞"],
])("number %s is %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("ticks have as many decimals as their distance needs", () => {
  expect(formatTicks([0, 0.25, 0.5, 0.75, 1])).toEqual(["0", "0.25", "0.5", "0.75", "1"]);
  expect(formatTicks([0, 5000, 10000, 15000])).toEqual(["0", "5k", "10k", "15k"]);
  expect(formatTicks([1000, 1500, 2000])).toEqual(["1000", "1500", "2000"]);
  expect(formatTicks([0, 500_000, 1_000_000, 1_500_000])).toEqual(["0", "0.5M", "1M", "1.5M"]);
  expect(formatTicks([0, 0.00002, 0.00004])).toEqual(["0", "2e-5", "4e-5"]);
  expect(formatTicks([9e19, 9.5e19, 1e20])).toEqual(["9e19", "9.5e19", "1e20"]);
  expect(formatTicks([-1, null, 1])).toEqual(["−1", "", "1"]);
});

test.each([
  [0, "0s"], [0.25, "250ms"], [42, "42s"], [185, "3m 05s"], [8040, "2h 14m"], [273600, "3d 4h"], [-1, "–"],
])("%s seconds last %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test("ticks of a runtime axis", () => {
  expect(formatRuntimeTick(0, 30)).toBe("0");
  expect(formatRuntimeTick(90, 30)).toBe("1m30");
  expect(formatRuntimeTick(5400, 1800)).toBe("1h30");
  expect(formatRuntimeTick(0.5, 0.5)).toBe("0.5s");
  expect(formatRuntimeTick(172800, 86400)).toBe("2d");
});

test("how long ago", () => {
  const now = 1_800_000_000_000_000;
  expect(formatAgo(now - 3e6, now)).toBe("just now");
  expect(formatAgo(now - 59e6, now)).toBe("59 s ago");
  expect(formatAgo(now - 300e6, now)).toBe("5 min ago");
  expect(formatAgo(now - 2 * 3600e6, now)).toBe("2 h ago");
  expect(formatAgo(now - 3 * 86400e6, now)).toBe("3 d ago");
  expect(formatAgo(now + 5e6, now)).toBe("just now");
});

test("sizes and plurals", () => {
  expect(formatBytes(999)).toBe("999 B");
  expect(formatBytes(1500)).toBe("1.5 KB");
  expect(formatBytes(250_000_000)).toBe("250 MB");
  expect(plural(1, "run")).toBe("1 run");
  expect(plural(1200, "run")).toBe("1,200 runs");
});

test("a logarithmic axis says each power by itself", () => {
  expect(formatLogTicks([0.001, 1, null, 1000, 10_000, 1e6, 1e-9])).toEqual(["0.001", "1", "", "1000", "10k", "1M", "1e-9"]);
});
