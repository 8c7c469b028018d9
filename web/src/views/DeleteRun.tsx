/** Put a run into the trash: asked once more, in place. The project's page then offers to take it back. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import { navigate } from "../state/location";
import { throwAway } from "../state/trash";
import { TrashIcon } from "./icons";

export function DeleteRun({ run, back }: { run: Run; back: string }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const remove = async (): Promise<void> => {
    try {
      await throwAway(run);
      navigate(back, { replace: true });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  if (!asking) {
    return (
      <button type="button" class="icon-button delete" aria-label={`Delete ${run.name}`} title="Put this run into the trash" onClick={() => setAsking(true)}>
        <TrashIcon />
      </button>
    );
  }
  const live = run.state === "running" || run.state === "preempting";
  return (
    <span class="confirm" role="group" aria-label="Delete this run" onKeyDown={(event) => event.key === "Escape" && setAsking(false)}>
      <span>{problem ?? (live ? "Put it into the trash? Its training is refused from then on." : "Put this run into the trash?")}</span>
      <button type="button" class="button danger" onClick={() => void remove()}>Delete</button>
      <button type="button" class="button" autoFocus onClick={() => setAsking(false)}>Keep</button>
    </span>
  );
}
