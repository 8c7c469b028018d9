/** The colour of each run. A run keeps its colour for as long as this browser remembers the project. */

import { signal } from "@preact/signals";
import { assignColours, colourOf, preferredColour } from "../lib/palette";
import { recall, remember } from "./storage";
import { theme } from "./theme";

/** More runs than this are not remembered: theirs follows from the id and the neighbours. */
const MAX_REMEMBERED = 2_000;

const assigned = signal<ReadonlyMap<string, number>>(new Map());
let project = "";

function open(name: string): void {
  if (name === project) return;
  project = name;
  assigned.value = new Map(Object.entries(JSON.parse(recall(`colours:${name}`) ?? "{}") as Record<string, number>));
}

/** The project has these runs, oldest first. */
export function learnColours(name: string, ids: readonly string[]): void {
  open(name);
  if (ids.every((id) => assigned.value.has(id))) return;
  const next = assignColours(ids, assigned.value);
  assigned.value = next;
  const kept = ids.slice(-MAX_REMEMBERED).map((id) => [id, next.get(id)]);
  remember(`colours:${name}`, JSON.stringify(Object.fromEntries(kept)));
}

export function runColour(id: string): string {
  return colourOf(assigned.value.get(id) ?? preferredColour(id), theme.value);
}

/** Colours of a project whose list of runs is not on the page. */
export function recallColours(name: string): void {
  open(name);
}
