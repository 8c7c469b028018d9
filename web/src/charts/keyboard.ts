/** What a key does in a chart: arrows move the crosshair from value to value, + looks closer there, − or 0 or Escape shows everything. */

export interface Standing {
  x: readonly number[];
  /** Where the crosshair is. */
  index: number | null;
  zoom: [number, number] | null;
}

export type Deed = { point: number } | { zoom: [number, number] | null };

export const KEYS = "ArrowLeft ArrowRight Home End + - 0 Escape";

/** How far Shift with an arrow goes. */
const FAR = 10;

export function deedOf(key: string, shift: boolean, { x, index, zoom }: Standing): Deed | null {
  const last = x.length - 1;
  if (last < 0) return null;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (by) return { point: index === null ? (by > 0 ? 0 : last) : Math.max(0, Math.min(last, index + by * (shift ? FAR : 1))) };
  if (key === "Home") return { point: 0 };
  if (key === "End") return { point: last };
  if (key === "+" || key === "=") return closer(x, index, zoom);
  return zoom && ["-", "0", "Escape"].includes(key) ? { zoom: null } : null;
}

/** Half of what is shown, around the crosshair. */
function closer(x: readonly number[], index: number | null, zoom: [number, number] | null): Deed | null {
  const [low, high] = zoom ?? [x[0] as number, x.at(-1) as number];
  const quarter = (high - low) / 4;
  if (!(quarter > 0)) return null;
  const centre = Math.max(low + quarter, Math.min(high - quarter, x[index ?? -1] ?? (low + high) / 2));
  return { zoom: [centre - quarter, centre + quarter] };
}
