/** What is set up on the page, kept in its address. */

import { computed, signal } from "@preact/signals";
import { parsePlace, withoutPlace, withPlace } from "../lib/place";
import { formatView, parseView, shownRuns, togglePinned, toggleRun, type ViewState } from "../lib/viewstate";
import { query, replaceQuery } from "./location";
import { runIds } from "./project";

/** Without the playhead's place: it moves often, and what is set up here stays as it is meanwhile. */
const setup = computed(() => withoutPlace(query.value));
export const view = computed(() => parseView(setup.value));
export const shown = computed(() => shownRuns(runIds.value, view.value));

/** The run that the pointer is on, in the list or in a chart: it is drawn in front. */
export const hovered = signal<string | null>(null);

export function setView(part: Partial<ViewState>): void {
  put({ ...view.value, ...part });
}

export function toggle(id: string): void {
  put(toggleRun(runIds.value, view.value, id));
}

export function togglePin(id: string): void {
  put(togglePinned(runIds.value, view.value, id));
}

function put(next: ViewState): void {
  replaceQuery(withPlace(formatView(next), parsePlace(query.peek())));
}

/** Draw these, or do not. */
export function draw(ids: readonly string[], on: boolean): void {
  const [hide, show] = [new Set(view.value.hide), new Set(view.value.show)];
  for (const id of ids) {
    (on ? hide : show).delete(id);
    (on ? show : hide).add(id);
  }
  setView({ hide, show });
}

/** Draw these and no others. */
export function drawOnly(ids: readonly string[]): void {
  setView({ base: "none", hide: new Set(), show: new Set(ids) });
}

/** Show `id` alone; all others again if it is alone already. */
export function solo(id: string): void {
  const alone = shown.value.size === 1 && shown.value.has(id);
  if (alone) setView({ base: "newest", hide: new Set(), show: new Set() });
  else drawOnly([id]);
}

/** Let a chart fill the window, or none. */
export function setFull(key: string | null): void {
  setView({ full: key });
}

export function toggleLog(key: string): void {
  const log = new Set(view.value.log);
  if (!log.delete(key)) log.add(key);
  setView({ log });
}
