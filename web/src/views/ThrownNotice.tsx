/** Says that a run was put into the trash, and takes it back out. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { restore, thrown } from "../state/trash";
import { CrossIcon } from "./icons";

export function ThrownNotice({ entity, project }: { entity: string; project: string }): JSX.Element | null {
  const [problem, setProblem] = useState<string | null>(null);
  const run = thrown.value;
  if (run?.entity !== entity || run.project !== project) return null;
  const undo = async (): Promise<void> => {
    try {
      await restore(run);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div class="notice" role="status">
      <span class="ellipsis">{problem ?? `${run.name} is in the trash.`}</span>
      <button type="button" class="link" onClick={() => void undo()}>Undo</button>
      <button type="button" class="icon-button" aria-label="Hide this" onClick={() => (thrown.value = null)}>
        <CrossIcon />
      </button>
    </div>
  );
}
