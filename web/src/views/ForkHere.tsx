/** Fork the run where the playhead stands: the lines that do it. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { forkPython, forkShell } from "../lib/recipes";
import { segment } from "../state/place";
import { viewer } from "../state/session";
import { Code } from "./Code";
import { ForkIcon } from "./icons";
import { Popover } from "./Popover";

export function ForkHere({ run, step }: { run: Run; step: number }): JSX.Element {
  const archived = segment.value !== null;
  const spot = { entity: run.entity, project: run.project, id: run.id, step, segment: null, home: viewer.value?.entity ?? "" };
  return (
    <Popover label="Fork here" icon={<ForkIcon />} disabled={archived} title={archived ? "A fork begins on the head's line: make this segment the head first" : undefined}>
      {() => (
        <>
          <p>A new run begins with what this one shows up to step {step.toLocaleString("en")}, and goes on by itself.</p>
          <p class="popover-label">In the training script</p>
          <Code text={forkPython(spot)} />
          <p class="popover-label">In a shell</p>
          <Code text={forkShell(spot)} />
        </>
      )}
    </Popover>
  );
}
