/** What can be done with the runs that are selected. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { plural } from "../lib/format";
import { projectPath } from "../lib/routes";
import { formatView } from "../lib/viewstate";
import { deleteRuns, progress, stoppable, stopRuns } from "../state/bulk";
import { navigate } from "../state/location";
import { place } from "../state/project";
import { selectedRuns, unselectAll } from "../state/runlist";
import { draw, drawOnly, view } from "../state/view";
import { BulkGroup } from "./BulkGroup";
import { BulkMove } from "./BulkMove";
import { BulkTags } from "./BulkTags";
import { Confirm } from "./Confirm";
import { StopIcon, TrashIcon } from "./icons";

export function BulkBar(): JSX.Element {
  const [asking, setAsking] = useState<"delete" | "stop" | null>(null);
  const chosen = selectedRuns.value;
  const ids = chosen.map((run) => run.id);
  const atWork = stoppable(chosen);
  const compare = (): void => {
    const here = place.value;
    if (here) navigate(projectPath(here.entity, here.project, "compare") + formatView({ ...view.value, compared: ids }));
  };
  const remove = async (): Promise<void> => {
    setAsking(null);
    await deleteRuns(chosen);
    if (!progress.value) unselectAll();
  };
  const stop = (): void => {
    setAsking(null);
    void stopRuns(atWork);
  };
  const writable = chosen.some((run) => run.may_write);
  const state = progress.value;
  return (
    <div class="bulk" role="group" aria-label="Selected runs">
      <strong class="num">{plural(chosen.length, "run")} selected</strong>
      {asking === "delete" && (
        <Confirm label="Delete these runs" yes={`Delete ${chosen.length.toLocaleString("en")}`} onYes={() => void remove()} onNo={() => setAsking(null)}>
          <span>Put {chosen.length === 1 ? "it" : "them"} into the trash?</span>
        </Confirm>
      )}
      {asking === "stop" && (
        <Confirm label="Stop these trainings" yes={`Stop ${atWork.length.toLocaleString("en")}`} no="Let them run" onYes={stop} onNo={() => setAsking(null)}>
          <span>Stop {plural(atWork.length, "training")}? Each gets a KeyboardInterrupt.</span>
        </Confirm>
      )}
      {asking === null && (
        <>
          <button type="button" class="button" disabled={chosen.length < 2} onClick={compare}>Compare</button>
          <button type="button" class="button" onClick={() => drawOnly(ids)} title="The charts show these and no others">Draw only these</button>
          <button type="button" class="button" onClick={() => draw(ids, true)} title="The charts show these, too">Draw</button>
          <button type="button" class="button" onClick={() => draw(ids, false)} title="The charts do not show these">Hide</button>
          {writable && <BulkTags runs={chosen} />}
          {writable && <BulkGroup runs={chosen} />}
          {writable && <BulkMove runs={chosen} />}
          {atWork.length > 0 && <button type="button" class="button" onClick={() => setAsking("stop")}><StopIcon /> Stop…</button>}
          {writable && <button type="button" class="button" onClick={() => setAsking("delete")}><TrashIcon /> Delete…</button>}
          <button type="button" class="link" onClick={unselectAll}>Select none</button>
        </>
      )}
      {state && <span role="status" class={state.problem ? "error" : "soft num"}>{state.problem ?? `${state.done} of ${state.of}`}</span>}
    </div>
  );
}
