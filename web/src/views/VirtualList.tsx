/** A list of rows of equal height, of which only those on the screen exist. */

import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { scrollTopNear, scrollTopOf, visibleRows } from "../lib/virtual";

export interface VirtualListProps {
  total: number;
  rowHeight: number;
  label: string;
  class?: string;
  row(index: number): JSX.Element;
  /** Rows first to last (exclusive) are on the screen. */
  onRows?(first: number, last: number): void;
  /** Keep to the end while rows are added. */
  follow?: boolean;
  /** A person scrolled: whether the end is in sight now. */
  onEnd?(atEnd: boolean): void;
  /** Filled with a function that brings a row into the middle, or (`near`) just into sight. */
  scrollTo?: RefObject<((row: number, near?: boolean) => void) | null>;
  role?: "region" | "tree" | "table";
  /** Stays on top while the rows are scrolled. */
  head?: JSX.Element;
  /** The id of the row that the keyboard is at, while it has the focus. */
  active?: string | undefined;
  onKeyDown?(event: KeyboardEvent): void;
}

export function VirtualList({ total, rowHeight, label, row, onRows, follow = false, onEnd, scrollTo, role = "region", head, active, onKeyDown, ...rest }: VirtualListProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({ top: 0, viewport: 600 });
  const rows = visibleRows(total, rowHeight, at.viewport, at.top);

  const read = (): void => {
    const element = host.current;
    if (element) setAt({ top: element.scrollTop, viewport: element.clientHeight });
  };
  useLayoutEffect(() => {
    read();
    const resized = new ResizeObserver(read);
    if (host.current) resized.observe(host.current);
    return () => resized.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = host.current;
    if (!follow || !element) return;
    element.scrollTop = element.scrollHeight;
    read();
  }, [follow, total, rowHeight, at.viewport]);
  useEffect(() => onRows?.(rows.first, rows.last), [rows.first, rows.last, total]);
  if (scrollTo) {
    scrollTo.current = (target, near = false) => {
      const element = host.current;
      if (!element) return;
      element.scrollTop = near ? scrollTopNear(target, total, rowHeight, element.clientHeight, element.scrollTop) : scrollTopOf(target, total, rowHeight, element.clientHeight);
    };
  }
  const wheel = (event: WheelEvent): void => {
    if (event.deltaY < 0) onEnd?.(false);
  };
  const scroll = (): void => {
    const element = host.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight;
    const up = element.scrollTop < at.top;
    if (atEnd) onEnd?.(true);
    else if (up) onEnd?.(false);
    read();
  };
  return (
    <div
      class={`virtual ${rest.class ?? ""}`} ref={host} onScroll={scroll} onWheel={wheel} onKeyDown={onKeyDown} tabIndex={0}
      role={role} aria-label={label} aria-rowcount={role === "table" ? total + 1 : undefined} aria-activedescendant={active}
    >
      {head}
      <div class="virtual-space" role={role === "table" ? "rowgroup" : undefined} style={{ height: `${rows.height}px` }}>
        <div class="virtual-rows" role={role === "table" ? "presentation" : undefined} style={{ transform: `translateY(${rows.top}px)` }}>
          {Array.from({ length: rows.last - rows.first }, (_, index) => row(rows.first + index))}
        </div>
      </div>
    </div>
  );
}
