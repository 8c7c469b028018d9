/** What a plot draws: the data, and how a person wants to see it. */

import type { Lines, XAxis } from "../lib/buckets";

export interface Picture {
  lines: Lines;
  /** Run ids and colours by index of the run in the question. */
  ids: readonly string[];
  colours: readonly string[];
  axis: XAxis;
  log: boolean;
  smoothing: number;
  zoom: [number, number] | null;
}
