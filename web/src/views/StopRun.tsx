/** Stop the training of a run that is at work: asked once more, in place. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import { isAtWork } from "../lib/states";
import { stop } from "../state/run";
import { Confirm } from "./Confirm";
import { StopIcon } from "./icons";
import { useDeed } from "./useDeed";

export function StopRun({ run }: { run: Run }): JSX.Element | null {
  const [asking, setAsking] = useState(false);
  const { problem, attempt } = useDeed();
  if (!isAtWork(run)) return null;
  if (run.stopping) return <span class="soft" role="status">Stopping…</span>;
  if (!run.may_write) return null;
  const go = () => attempt(async () => {
    await stop();
    setAsking(false);
  });
  if (!asking) {
    return (
      <button type="button" class="button" onClick={() => setAsking(true)} title="Stop the training">
        <StopIcon /> Stop
      </button>
    );
  }
  return (
    <Confirm label="Stop this training" yes="Stop it" no="Let it run" onYes={() => void go()} onNo={() => setAsking(false)}>
      <span role={problem ? "alert" : undefined}>{problem ?? "Stop the training? It gets a KeyboardInterrupt."}</span>
    </Confirm>
  );
}
