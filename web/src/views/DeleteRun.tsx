/** Put a run into the trash: asked once more, in place. The project's page then offers to take it back. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import { isAtWork } from "../lib/states";
import { navigate } from "../state/location";
import { throwAway } from "../state/trash";
import { Confirm } from "./Confirm";
import { TrashIcon } from "./icons";
import { useDeed } from "./useDeed";

export function DeleteRun({ run, back }: { run: Run; back: string }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const { problem, attempt } = useDeed();
  const remove = () => attempt(async () => {
    await throwAway(run);
    navigate(back, { replace: true });
  });
  if (!asking) {
    return (
      <button type="button" class="icon-button delete" aria-label={`Delete ${run.name}`} title="Put this run into the trash" onClick={() => setAsking(true)}>
        <TrashIcon />
      </button>
    );
  }
  return (
    <Confirm label="Delete this run" yes="Delete" onYes={() => void remove()} onNo={() => setAsking(false)}>
      <span>{problem ?? (isAtWork(run) ? "Put it into the trash? Its training is refused from then on." : "Put this run into the trash?")}</span>
    </Confirm>
  );
}
