/** What a plot draws: the data, and how a person wants to see it. */

import { groupLines, type Spread } from "../lib/aggregate";
import { fromPositive, type Lines, type Value, type XAxis } from "../lib/buckets";
import type { Grouping } from "../lib/groups";
import { smooth, type SmoothingKind } from "../lib/smoothing";
import type { Question } from "../state/chart";

export interface Picture {
  lines: Lines;
  /** Of each line, what is drawn on top: smoothed, if that is wanted. */
  drawn: readonly (readonly Value[])[];
  /** Ids (of runs, or names of groups), names and colours by the index that a line has as its run. */
  ids: readonly string[];
  names: readonly string[];
  colours: readonly string[];
  axis: XAxis;
  log: boolean;
  logX: boolean;
  clip: boolean;
  smoothed: boolean;
  /** Lines are groups of runs. */
  grouped: boolean;
  zoom: [number, number] | null;
}

export interface Wishes {
  log: boolean;
  logX: boolean;
  clip: boolean;
  smoothing: number;
  smoothingKind: SmoothingKind;
  spread: Spread | null;
}

/** What is drawn of each index that a line has as its run. */
export type Cast = Pick<Picture, "ids" | "names" | "colours">;

export function toPicture(question: Question, found: Lines, wishes: Wishes, cast: Cast, grouping: Grouping | null): Picture {
  const { axis, zoom } = question;
  const { log, clip, smoothing, smoothingKind, spread } = wishes;
  const logX = wishes.logX && axis !== "time";
  const grouped = grouping !== null && spread !== null;
  const whole = grouped ? groupLines(found, question.runs.map((id) => grouping.of.get(id) ?? -1), spread) : found;
  const lines = logX ? fromPositive(whole) : whole;
  const drawn = lines.lines.map((line) => (smoothing ? smooth(line.mean, smoothing, smoothingKind) : line.mean));
  return { lines, drawn, ...cast, axis, log, logX, clip, smoothed: smoothing > 0, grouped, zoom };
}
