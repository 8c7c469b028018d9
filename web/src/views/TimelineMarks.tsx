/** Ticks for what has a place on the timeline and is no row: config changes, files, alerts, ends. The playhead says what is at its step. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Mark } from "../api/types";
import { marksText } from "../lib/marks";
import { cluster } from "../lib/timeline";
import { marks } from "../state/run";

/** Which kind a cluster looks like: the first of these that is in it. */
const rank: Mark["kind"][] = ["alert", "exit", "state", "file", "config"];

export function TimelineMarks({ last }: { last: number }): JSX.Element | null {
  const list = marks.value.data;
  const clusters = useMemo(() => cluster(list ?? [], (mark) => mark.step, last), [list, last]);
  if (!clusters.length) return null;
  return (
    <div class="marks" aria-hidden="true">
      {clusters.map(({ step, items }) => (
        <span
          key={step} class={`mark-tick ${rank.find((kind) => items.some((mark) => mark.kind === kind)) ?? ""}`}
          style={{ left: `${(Math.min(step, last) / last) * 100}%` }} title={marksText(items)}
        />
      ))}
    </div>
  );
}
