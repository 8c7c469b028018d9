/** Ticks for what has a place on the timeline and is no row: config changes, files, alerts, ends. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Mark } from "../api/types";
import { cluster } from "../lib/timeline";
import { marks } from "../state/run";

/** What is said of a cluster at most. */
const WORDS = 8;
const names: Record<Mark["kind"], string> = { config: "config", file: "file", alert: "alert", state: "state", exit: "end" };
/** Which kind a cluster looks like: the first of these that is in it. */
const rank: Mark["kind"][] = ["alert", "exit", "state", "file", "config"];

export function TimelineMarks({ last }: { last: number }): JSX.Element | null {
  const list = marks.value.data;
  const clusters = useMemo(() => cluster(list ?? [], (mark) => mark.step, last), [list, last]);
  if (!clusters.length) return null;
  return (
    <div class="marks">
      {clusters.map(({ step, items }) => (
        <span
          key={step} class={`mark-tick ${rank.find((kind) => items.some((mark) => mark.kind === kind)) ?? ""}`}
          style={{ left: `${(Math.min(step, last) / last) * 100}%` }} title={describe(items)} role="img" aria-label={describe(items)}
        />
      ))}
    </div>
  );
}

function describe(items: readonly Mark[]): string {
  const lines = items.slice(0, WORDS).map((mark) => `step ${mark.step.toLocaleString("en")}: ${names[mark.kind] ?? mark.kind} ${mark.text}`);
  if (items.length > WORDS) lines.push(`and ${items.length - WORDS} more`);
  return lines.join("\n");
}
