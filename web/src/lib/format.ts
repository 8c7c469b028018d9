/** Numbers, times and sizes as people read them. All functions are pure: what "now" is comes as an argument. */

/** A value in at most `digits` significant digits, never longer than it must be. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return withMinus(value.toLocaleString("en"));
  if (size >= 1e7 || size < 1e-4) return withMinus(value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e"));
  if (size >= 10 ** digits) return withMinus(Math.round(value).toLocaleString("en"));
  return withMinus(String(Number(value.toPrecision(digits))));
}

function withMinus(text: string): string {
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

/** Labels of an axis: as many decimals as the distance between two of them needs. */
export function formatTicks(ticks: readonly (number | null)[]): string[] {
  const shown = ticks.filter((tick) => tick !== null);
  const gap = shown.length > 1 ? Math.abs((shown[1] as number) - (shown[0] as number)) : Math.abs(shown[0] ?? 1);
  const largest = Math.max(...shown.map(Math.abs), 0);
  return ticks.map((tick) => (tick === null ? "" : formatTick(tick, gap, largest)));
}

/** On a logarithmic axis each stands for itself. */
export function formatLogTicks(ticks: readonly (number | null)[]): string[] {
  return ticks.map((tick) => (tick === null ? "" : formatTick(tick, tick, Math.abs(tick))));
}

const units = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]] as const;

function formatTick(tick: number, gap: number, largest: number): string {
  if (tick === 0) return "0";
  if (largest >= 1e15) return withMinus(tick.toExponential(digitsBetween(tick, gap)).replace(/\.?0+e/, "e").replace("e+", "e"));
  if (largest < 1e-4) return withMinus(tick.toExponential(1).replace(".0e", "e"));
  for (const [unit, letter] of units) {
    if (largest >= unit * (unit === 1e3 ? 10 : 1)) return withMinus(`${trimmed(tick / unit, gap / unit)}${letter}`);
  }
  return withMinus(trimmed(tick, gap));
}

/** Decimals of `tick` in exponential form that tell it from its neighbours. */
function digitsBetween(tick: number, gap: number): number {
  return Math.min(6, Math.max(0, Math.floor(Math.log10(Math.abs(tick)) + 1e-9) - Math.floor(Math.log10(gap || 1) + 1e-9)));
}

function trimmed(value: number, gap: number): string {
  const decimals = Math.min(8, Math.max(0, Math.ceil(-Math.log10(gap || 1) - 1e-9)));
  return String(Number(value.toFixed(decimals + 1)));
}

/** `42s`, `3m 05s`, `2h 14m`, `3d 4h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds < 1) return seconds === 0 ? "0s" : `${Math.max(1, Math.round(seconds * 1000))}ms`;
  const whole = Math.round(seconds);
  const [d, h, m, s] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  if (d) return `${d}d ${h}h`;
  if (h) return `${h}h ${two(m)}m`;
  if (m) return `${m}m ${two(s)}s`;
  return `${s}s`;
}

/** Tick of a runtime axis: as short as the distance to the next tick allows. */
export function formatRuntimeTick(seconds: number, gap: number): string {
  const sign = seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  if (size === 0) return "0";
  if (gap < 1) return `${sign}${trimmed(size, gap)}s`;
  const [h, m, s] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, Math.round(size % 60)];
  if (gap >= 86400) return `${sign}${trimmed(size / 86400, gap / 86400)}d`;
  if (h) return `${sign}${h}h${m ? two(m) : ""}`;
  if (m) return `${sign}${m}m${s ? two(s) : ""}`;
  return `${sign}${s}s`;
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`, else the date. Times are microseconds. */
export function formatAgo(time: number, now: number): string {
  const seconds = (now - time) / 1e6;
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 14 * 86400) return `${Math.floor(seconds / 86400)} d ago`;
  return formatDate(time);
}

export function formatDate(time: number): string {
  return new Date(time / 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

export function formatDateTime(time: number): string {
  const day = formatDate(time);
  return `${day}, ${formatClock(time)}`;
}

/** Time of the day, to the second. */
export function formatClock(time: number): string {
  const date = new Date(time / 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function formatBytes(bytes: number): string {
  const letters = ["B", "KB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < letters.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : Number(size.toPrecision(2))} ${letters[unit]}`;
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
