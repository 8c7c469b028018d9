/**
 * Which rows of a long list are on the screen. Browsers cap the height of an element, so a list beyond `MAX_HEIGHT`
 * is scrolled in proportion: the scrollbar spans all rows, a wheel's notch still moves a few.
 */

export interface Rows {
  first: number;
  /** One past the last row to draw. */
  last: number;
  /** Where the first drawn row lies, in pixels from the top of the list. */
  top: number;
  /** Height of the whole list. */
  height: number;
}

export const MAX_HEIGHT = 8_000_000;

export function visibleRows(total: number, rowHeight: number, viewport: number, scrollTop: number, overscan = 8): Rows {
  const full = total * rowHeight;
  const height = Math.min(full, MAX_HEIGHT);
  const reach = Math.max(1, height - viewport);
  const at = full <= MAX_HEIGHT ? scrollTop : (Math.min(scrollTop, reach) / reach) * (full - viewport);
  const first = Math.max(0, Math.min(total, Math.floor(at / rowHeight) - overscan));
  const last = Math.min(total, Math.ceil((at + viewport) / rowHeight) + overscan);
  return { first, last, top: first * rowHeight - at + scrollTop, height };
}

/** Where to scroll to so that `row` is in sight, no further than needed. */
export function scrollTopNear(row: number, total: number, rowHeight: number, viewport: number, scrollTop: number): number {
  if (total * rowHeight > MAX_HEIGHT) return scrollTopOf(row, total, rowHeight, viewport);
  return Math.max((row + 1) * rowHeight - viewport, Math.min(row * rowHeight, scrollTop));
}

/** Where to scroll to so that `row` stands in the middle of the viewport. */
export function scrollTopOf(row: number, total: number, rowHeight: number, viewport: number): number {
  const full = total * rowHeight;
  const at = Math.max(0, Math.min(full - viewport, row * rowHeight - viewport / 2));
  if (full <= MAX_HEIGHT) return at;
  return (at / (full - viewport)) * (MAX_HEIGHT - viewport);
}
