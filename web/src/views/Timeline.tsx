/** A run's timeline: the step axis from 0 to now as a transport bar. The playhead on it decides what the rest of the page shows. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Run } from "../api/types";
import { layOut } from "../lib/timeline";
import { segments } from "../state/run";
import { TimelineBar } from "./TimelineBar";
import { TimelineNotes } from "./TimelineNotes";
import { TimelineTrack } from "./TimelineTrack";

export function Timeline({ run }: { run: Run }): JSX.Element | null {
  const list = segments.value.data;
  const now = Math.max(0, run.step - 1);
  const own = `${run.entity}/${run.project}/${run.id}`;
  const layout = useMemo(() => layOut(list ?? [], run.head, own, now), [list, run.head, own, now]);
  if (!now && layout.limbs.length < 2) return null;
  return (
    <section class="timeline" aria-label="Timeline">
      <TimelineBar run={run} />
      <TimelineTrack run={run} layout={layout} />
      <TimelineNotes run={run} />
    </section>
  );
}
