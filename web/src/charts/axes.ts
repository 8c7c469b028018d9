/** Axes of a chart: what their labels say and how far they lie apart. */

import type uPlot from "uplot";
import { metricOf, type XAxis } from "../lib/buckets";
import { formatClock, formatDateTime, formatDuration, formatLogTicks, formatNumber, formatRuntimeTick, formatTicks } from "../lib/format";
import type { Ink } from "./theme";

const runtimeSteps = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
  43200, 86400, 172800, 432000, 864000, 2592000,
];
const wholeSteps = [1, 2, 5].flatMap((digit) => Array.from({ length: 13 }, (_, power) => digit * 10 ** power)).toSorted((a, b) => a - b);

export function xAxis(axis: XAxis, log: boolean, ink: Ink): uPlot.Axis {
  const common: uPlot.Axis = {
    stroke: ink.axis,
    font: ink.font,
    size: 26,
    gap: 6,
    space: axis === "time" ? 64 : 56,
    grid: { show: false },
    ticks: { show: true, stroke: ink.grid, width: 1, size: 4 },
    border: { show: true, stroke: ink.grid, width: 1 },
  };
  if (log) return { ...common, values: (_plot, ticks) => formatLogTicks(ticks) };
  if (metricOf(axis) !== null) return { ...common, values: (_plot, ticks) => formatTicks(ticks) };
  if (axis === "step") return { ...common, incrs: wholeSteps, values: (_plot, ticks) => formatTicks(ticks) };
  if (axis === "runtime") {
    const values = (_plot: uPlot, ticks: number[]): string[] =>
      ticks.map((tick) => formatRuntimeTick(tick, (ticks[1] ?? 1) - (ticks[0] ?? 0)));
    return { ...common, incrs: runtimeSteps, values };
  }
  return {
    ...common,
    values: [
      [86400 * 28, "{D} {MMM}", null, null, null, null, null, null, 1],
      [86400, "{D} {MMM}", null, null, null, null, null, null, 1],
      [60, "{HH}:{mm}", "\n{D} {MMM}", null, null, null, null, null, 1],
      [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1],
      [0.001, ":{ss}.{fff}", null, null, null, null, null, null, 1],
    ],
  };
}

export function yAxis(log: boolean, ink: Ink): uPlot.Axis {
  return {
    stroke: ink.axis,
    font: ink.font,
    size: (_plot, values) => Math.max(30, ...(values ?? []).map((value) => value.length * 6.4 + 12)),
    gap: 6,
    space: 36,
    grid: { show: true, stroke: ink.grid, width: 1 },
    ticks: { show: false },
    border: { show: false },
    values: (_plot, ticks) => (log ? formatLogTicks : formatTicks)(ticks),
  };
}

/** Where the pointer is, in words. */
export function placeText(axis: XAxis, value: number): string {
  if (axis === "step") return `Step ${formatNumber(Math.round(value))}`;
  if (axis === "runtime") return formatDuration(value);
  const metric = metricOf(axis);
  if (metric !== null) return `${metric} ${formatNumber(value)}`;
  const now = Date.now() * 1000;
  const time = value * 1e6;
  return now - time < 20 * 3600 * 1e6 ? formatClock(time) : formatDateTime(time);
}
