/** Under the track: what was just done, and how to undo it; what went wrong. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { moment } from "../state/moment";
import { openSegment } from "../state/place";
import { formerHead, turn } from "../state/run";
import { useDeed } from "./useDeed";

export function TimelineNotes({ run }: { run: Run }): JSX.Element | null {
  const { problem, attempt } = useDeed();
  const before = formerHead.value;
  const error = problem ?? moment.value.error?.message ?? null;
  if (!before && !error) return null;
  const choose = (id: string) => attempt(async () => {
    await turn({ segment: id });
    openSegment(null);
  });
  return (
    <div class="timeline-notes">
      {error && <span class="error" role="alert">{error}</span>}
      {before && (
        <span role="status">
          The run’s head is now {run.head.slice(0, 10)}.
          <button type="button" class="link" onClick={() => void choose(before)}>Back to segment {before.slice(0, 10)}</button>
        </span>
      )}
    </div>
  );
}
