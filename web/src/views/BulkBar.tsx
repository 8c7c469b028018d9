/** What can be done with the runs that are selected. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { plural } from "../lib/format";
import { projectPath } from "../lib/routes";
import { formatView } from "../lib/viewstate";
import { deleteRuns, progress } from "../state/bulk";
import { navigate } from "../state/location";
import { place } from "../state/project";
import { selectedRuns, unselectAll } from "../state/runlist";
import { setView, view } from "../state/view";
import { BulkTags } from "./BulkTags";
import { TrashIcon } from "./icons";

export function BulkBar(): JSX.Element {
  const [asking, setAsking] = useState(false);
  const chosen = selectedRuns.value;
  const ids = chosen.map((run) => run.id);
  const compare = (): void => {
    const here = place.value;
    if (here) navigate(projectPath(here.entity, here.project, "compare") + formatView({ ...view.value, compared: ids }));
  };
  const remove = async (): Promise<void> => {
    setAsking(false);
    await deleteRuns(chosen);
    if (!progress.value) unselectAll();
  };
  const writable = chosen.some((run) => run.may_write);
  const state = progress.value;
  return (
    <div class="bulk" role="group" aria-label="Selected runs" onKeyDown={(event) => event.key === "Escape" && setAsking(false)}>
      <strong class="num">{plural(chosen.length, "run")} selected</strong>
      {asking ? (
        <span class="confirm" role="group" aria-label="Delete these runs">
          <span>Put {chosen.length === 1 ? "it" : "them"} into the trash?</span>
          <button type="button" class="button danger" onClick={() => void remove()}>Delete {chosen.length.toLocaleString("en")}</button>
          <button type="button" class="button" autoFocus onClick={() => setAsking(false)}>Keep</button>
        </span>
      ) : (
        <>
          <button type="button" class="button" disabled={chosen.length < 2} onClick={compare}>Compare</button>
          <button type="button" class="button" onClick={() => setView({ base: "none", hide: new Set(), show: new Set(ids) })} title="The charts show these and no others">Draw only these</button>
          {writable && <BulkTags runs={chosen} />}
          {writable && <button type="button" class="button" onClick={() => setAsking(true)}><TrashIcon /> Delete…</button>}
          <button type="button" class="link" onClick={unselectAll}>Select none</button>
        </>
      )}
      {state && <span role="status" class={state.problem ? "error" : "soft num"}>{state.problem ?? `${state.done} of ${state.of}`}</span>}
    </div>
  );
}
