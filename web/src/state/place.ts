/** Where on the open run's timeline one stands. The address is the truth: `?segment=…&step=…`. */

import { computed } from "@preact/signals";
import { parsePlace, withPlace } from "../lib/place";
import { navigate, path, query, replaceQuery, route } from "./location";

/** A project's page has no place on any timeline, whatever its address says. */
const onRun = computed(() => route.value.page === "run");
const place = computed(() => parsePlace(onRun.value ? query.value : ""));

/** null: the end, where a run at work is live. */
export const step = computed(() => place.value.step);
/** null: the head. */
export const segment = computed(() => place.value.segment);

/** Move the playhead: often, so it leaves nothing in the browser's history. */
export function moveTo(to: number | null): void {
  if (to !== step.peek()) replaceQuery(withPlace(query.peek(), { step: to, segment: segment.peek() }));
}

/** Look at another segment, or at the head again: the browser's Back comes back. */
export function openSegment(id: string | null, at: number | null = null): void {
  navigate(path.peek() + withPlace(query.peek(), { step: at, segment: id }));
}
