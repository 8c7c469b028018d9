/** Stop the training of a run that is at work: asked once more, in place. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import { stop } from "../state/run";
import { StopIcon } from "./icons";

export function StopRun({ run }: { run: Run }): JSX.Element | null {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  if (run.state !== "running" && run.state !== "preempting") return null;
  if (run.stopping) return <span class="soft" role="status">Stopping…</span>;
  if (!run.may_write) return null;
  const go = async (): Promise<void> => {
    try {
      await stop();
      setAsking(false);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  if (!asking) {
    return (
      <button type="button" class="button" onClick={() => setAsking(true)} title="Stop the training">
        <StopIcon /> Stop
      </button>
    );
  }
  return (
    <span class="confirm" role="group" aria-label="Stop this training" onKeyDown={(event) => event.key === "Escape" && setAsking(false)}>
      <span role={problem ? "alert" : undefined}>{problem ?? "Stop the training? It gets a KeyboardInterrupt."}</span>
      <button type="button" class="button danger" onClick={() => void go()}>Stop it</button>
      <button type="button" class="button" autoFocus onClick={() => setAsking(false)}>Let it run</button>
    </span>
  );
}
