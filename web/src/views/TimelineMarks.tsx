/**
 * Ticks for what has a place on the timeline and is no row: config changes, files, alerts, ends. The playhead says what is at its step.
 * A click on a file opens it as it was saved there; the keyboard gets there by the playhead and the list of files.
 */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Mark, Run } from "../api/types";
import { marksText } from "../lib/marks";
import { runPath } from "../lib/routes";
import { cluster } from "../lib/timeline";
import { lastStep } from "../state/moment";
import { openFileAt } from "../state/place";
import { pause } from "../state/player";
import { marks } from "../state/run";

/** Which kind a cluster looks like: the first of these that is in it. */
const rank: Mark["kind"][] = ["alert", "exit", "state", "file", "config"];

export function TimelineMarks({ run, last }: { run: Run; last: number }): JSX.Element | null {
  const list = marks.value.data;
  const clusters = useMemo(() => cluster(list ?? [], (mark) => mark.step, last), [list, last]);
  if (!clusters.length) return null;
  const open = ({ text, step }: Mark): void => {
    const end = lastStep.peek();
    pause();
    openFileAt(runPath(run.entity, run.project, run.id, "files"), text, end !== null && step < end ? step : null);
  };
  return (
    <div class="marks" aria-hidden="true">
      {clusters.map(({ step, items }) => {
        const kind = rank.find((one) => items.some((mark) => mark.kind === one)) ?? "";
        const look = { class: `mark-tick ${kind}`, style: { left: `${(Math.min(step, last) / last) * 100}%` } };
        const file = items.findLast((mark) => mark.kind === "file");
        if (!file) return <span key={step} {...look} title={marksText(items)} />;
        return <button key={step} type="button" tabIndex={-1} {...look} title={`${marksText(items)}\nClick: open ${file.text}`} onClick={() => open(file)} />;
      })}
    </div>
  );
}
