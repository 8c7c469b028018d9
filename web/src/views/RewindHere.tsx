/** Rewind to where the playhead stands: the lines that do it, and a button that does it at once. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { isAtWork } from "../lib/states";
import { rewindPython, rewindShell } from "../lib/recipes";
import { atNow, lastStep } from "../state/moment";
import { openSegment, segment } from "../state/place";
import { turn } from "../state/run";
import { viewer } from "../state/session";
import { Code } from "./Code";
import { RewindIcon } from "./icons";
import { Popover } from "./Popover";
import { useDeed } from "./useDeed";

export function RewindHere({ run, step }: { run: Run; step: number }): JSX.Element {
  const none = atNow.value || step > (lastStep.value ?? -1);
  return (
    <Popover label="Rewind here" icon={<RewindIcon />} disabled={none} title={none ? "Move the playhead to the last step that the run should keep" : undefined}>
      {(close) => <Rewinding run={run} step={step} close={close} />}
    </Popover>
  );
}

function Rewinding({ run, step, close }: { run: Run; step: number; close: () => void }): JSX.Element {
  const { problem, attempt } = useDeed();
  const id = segment.value;
  const spot = { entity: run.entity, project: run.project, id: run.id, step, segment: id, home: viewer.value?.entity ?? "" };
  const live = isAtWork(run);
  const go = () => attempt(async () => {
    await turn({ ...(id === null ? {} : { segment: id }), step });
    close();
    openSegment(null);
  });
  return (
    <>
      <p>The run goes on with step {(step + 1).toLocaleString("en")}. What it shows now is kept as an archived segment.</p>
      {id === null && <><p class="popover-label">In the training script</p><Code text={rewindPython(spot)} /></>}
      <p class="popover-label">In a shell</p>
      <Code text={rewindShell(spot)} />
      {run.may_write && (
        <div class="popover-end">
          {live && <span class="warning">The training at work loses the run.</span>}
          <button type="button" class="button primary" onClick={() => void go()}>Rewind to step {step.toLocaleString("en")}</button>
        </div>
      )}
      {problem && <p class="error" role="alert">{problem}</p>}
    </>
  );
}
