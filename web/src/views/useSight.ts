/** Tells which runs of a list are on the screen: what changes of others is not fetched. */

import { useEffect, useRef } from "preact/hooks";
import type { Run } from "../api/types";
import type { GroupRow } from "../lib/groups";
import { see } from "../state/project";

/** What to call with the first and last row on the screen. With `all`, what is shown depends on every run. */
export function useSight(rows: readonly GroupRow<Run>[], all: boolean): (first: number, last: number) => void {
  const on = useRef<[number, number]>([0, 0]);
  const tell = (): void => see(all ? null : new Set(rows.slice(...on.current).flatMap((row) => (row.kind === "run" ? row.run.id : []))));
  useEffect(tell, [rows, all]);
  useEffect(() => () => see(new Set()), []);
  return (first, last) => {
    on.current = [first, last];
    tell();
  };
}
