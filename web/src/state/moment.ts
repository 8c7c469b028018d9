/**
 * The open run as of where the playhead stands. The playhead moves at once, the server is asked for one moment at a time, and
 * always for the newest place; until its answer comes, the moment of before is shown.
 */

import { computed, effect } from "@preact/signals";
import { getRun } from "../api/resources";
import type { Run } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { chainOf, lastStepOf } from "../lib/timeline";
import { loading, load } from "./loading";
import { segment, step } from "./place";
import { moved, pulse } from "./project";
import { place, run, segments } from "./run";

/** Milliseconds between two questions while the playhead is dragged. */
const REST = 40;

export const moment = loading<Run>();

/** Whether one looks at the run as it is now. */
export const atNow = computed(() => step.value === null && segment.value === null);

/** The run as it is shown: config, summary, runtime of then. */
export const shownRun = computed(() => (atNow.value ? run.value.data : (moment.value.data ?? run.value.data)));

/** The segment that is looked at. */
export const shownSegment = computed(() => segment.value ?? run.value.data?.head ?? "");

export const chain = computed(() => chainOf(segments.value.data ?? [], shownSegment.value));

/** The last step of what is looked at; null if it has none. */
export const lastStep = computed(() => {
  const told = lastStepOf(segments.value.data ?? [], shownSegment.value);
  const next = segment.value === null ? (run.value.data?.step ?? 0) : 0;
  return next > 0 ? Math.max(told ?? 0, next - 1) : told;
});

/** Where the playhead stands on each x axis, null while it is not known; null at the end. Times are seconds. */
export const cursor = computed(() => {
  const at = step.value;
  if (at === null) return null;
  const then = moment.value.data;
  const known = then && then.at === at ? then.summary : {};
  const number = (name: string): number | null => (typeof known[name] === "number" ? known[name] : null);
  return { step: at, time: number("_timestamp"), runtime: number("_runtime"), values: known };
});

const ask = new Coalesced(async () => {
  const here = place.peek();
  if (!here || atNow.peek()) return;
  const alive = (): boolean => place.peek() === here && !atNow.peek();
  await load(moment, () => getRun(here.entity, here.project, here.id, { segment: segment.peek() ?? undefined, step: step.peek() ?? undefined }), alive);
}, REST);

/** Keeps the moment that of the playhead; the answer ends it. */
export function followPlayhead(): () => void {
  moment.value = { data: undefined, error: undefined };
  const ends = [
    effect(() => {
      void segment.value;
      void step.value;
      if (place.value === null) return;
      if (atNow.value) moment.value = { data: undefined, error: undefined };
      else ask.ask();
    }),
    pulse.subscribe((news) => {
      const id = place.peek()?.id;
      if (id && !atNow.peek() && moved(news, [id])) ask.ask();
    }),
  ];
  return () => {
    for (const end of ends) end();
    ask.cancel();
  };
}
