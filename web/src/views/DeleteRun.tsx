/** Delete a run: asked once more, in place. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { navigate } from "../state/location";
import { removeRun } from "../state/run";
import { TrashIcon } from "./icons";

export function DeleteRun({ name, back }: { name: string; back: string }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const remove = async (): Promise<void> => {
    try {
      await removeRun();
      navigate(back, { replace: true });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  if (!asking) {
    return (
      <button type="button" class="icon-button delete" aria-label={`Delete ${name}`} title="Delete this run" onClick={() => setAsking(true)}>
        <TrashIcon />
      </button>
    );
  }
  return (
    <span class="confirm" role="group" aria-label="Delete this run" onKeyDown={(event) => event.key === "Escape" && setAsking(false)}>
      <span>{problem ?? "Delete this run and all it recorded?"}</span>
      <button type="button" class="button danger" onClick={() => void remove()}>Delete</button>
      <button type="button" class="button" autoFocus onClick={() => setAsking(false)}>Keep</button>
    </span>
  );
}
