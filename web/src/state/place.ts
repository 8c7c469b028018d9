/** Where on the open run's timeline one stands. and at which of its files one looks. The address is the truth: `?segment=…&step=…&file=…`. */

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
/** null: none is open. */
export const file = computed(() => place.value.file);
/** The version of it that was picked; null: the one of where the playhead stands. */
export const version = computed(() => place.value.version);

/** Move the playhead: often, so it leaves nothing in the browser's history. */
export function moveTo(to: number | null): void {
  if (to !== step.peek()) replaceQuery(withPlace(query.peek(), { ...place.peek(), step: to, version: null }));
}

/** Look at another segment, or at the head again: the browser's Back comes back. */
export function openSegment(id: string | null, at: number | null = null): void {
  navigate(path.peek() + withPlace(query.peek(), { ...place.peek(), step: at, segment: id, version: null }));
}

/** The address of a file of the open run, or of the files without one open. */
export function fileAddress(name: string | null, number: number | null = null): string {
  return path.value + withPlace(query.value, { ...place.value, file: name, version: number });
}

/** The address of a file on the tab of files, which is at `files`. */
export function fileAddressIn(files: string, name: string): string {
  return files + withPlace(query.value, { ...place.value, file: name, version: null });
}

/** The tab of files at `files`, with a file as it was saved at a step of the segment that is looked at. */
export function openFileAt(files: string, name: string, at: number | null): void {
  navigate(files + withPlace(query.peek(), { ...place.peek(), file: name, step: at, version: null }));
}
