/** Groups of the runs that are drawn, where a group is to be one line. */

import { computed } from "@preact/signals";
import { groupingOf } from "../lib/groups";
import { assignColours, colourOf } from "../lib/palette";
import { runs } from "./project";
import { theme } from "./theme";
import { shown, view } from "./view";

const by = computed(() => (view.value.spread === null ? null : view.value.by));

/** null: every run has its own line. */
export const grouping = computed(() => (by.value === null ? null : groupingOf((runs.value.data ?? []).filter((run) => shown.value.has(run.id)), by.value)));

const numbers = computed(() => assignColours(grouping.value?.names ?? [], new Map()));

/** The colour of a group's line; null while groups have none. */
export function groupColour(name: string): string | null {
  const number = numbers.value.get(name);
  return number === undefined ? null : colourOf(number, theme.value);
}
