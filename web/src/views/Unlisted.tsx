/** Says that a project has more runs than are listed, and how to reach the others. */

import type { JSX } from "preact";
import { MAX_RUNS, unlisted } from "../state/project";
import { cut } from "../state/runfilter";

export function Unlisted(): JSX.Element | null {
  const all = unlisted.value;
  if (all === null) return null;
  const most = MAX_RUNS.toLocaleString("en");
  return (
    <p class="unlisted" role="note">
      {cut.value ? `More than ${most} runs are found: these are the first. Add a condition, such as created_at > 7d ago.`
        : `The newest ${most} of ${all.toLocaleString("en")} runs are listed. A search, a filter or another order looks through all of them; groups are of those that are listed.`}
    </p>
  );
}
