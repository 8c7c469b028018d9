/** What `define_metric` said in the open run, or in the newest runs of the open project. */

import { computed } from "@preact/signals";
import { definitionOf } from "../lib/definitions";
import { route } from "./location";
import { keys } from "./project";
import { run } from "./run";

const definitions = computed(() => (route.value.page === "run" ? run.value.data?.metrics : keys.value.data?.metrics) ?? []);

/** The metric that another one is to be drawn over. */
export function axisFor(metric: string): string | null {
  return definitionOf(definitions.value, metric)?.step_metric ?? null;
}

export function isHidden(metric: string): boolean {
  return definitionOf(definitions.value, metric)?.hidden ?? false;
}

/** Whether something is to be drawn over another metric. */
export const someDefined = computed(() => definitions.value.some((one) => one.step_metric !== null));
