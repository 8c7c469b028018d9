/** Moves the selected runs to another project. Those that are at work stay. */

import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { focused } from "../lib/focused";
import { isAtWork } from "../lib/states";
import { movable, moveRuns } from "../state/bulk";
import { lookAtProjects, projects } from "../state/projects";
import { Popover } from "./Popover";

/** Names that are proposed. */
const MOST = 100;

export function BulkMove({ runs }: { runs: readonly Run[] }): JSX.Element {
  return <Popover label="Move…">{(close) => <Form runs={runs} onDone={close} />}</Popover>;
}

function Form({ runs, onDone }: { runs: readonly Run[]; onDone(): void }): JSX.Element {
  const [draft, setDraft] = useState("");
  const names = useId();
  const note = useId();
  useEffect(() => void lookAtProjects(), []);
  const [first] = runs;
  const others = (projects.value.data ?? []).filter(({ entity, name }) => entity === first?.entity && name !== first.project);
  const wanted = movable(runs);
  const atWork = runs.filter(isAtWork).length;
  const to = draft.trim();
  const can = to !== "" && to !== first?.project && wanted.length > 0;
  const move = (event: Event): void => {
    event.preventDefault();
    if (!can) return;
    void moveRuns(wanted, to);
    onDone();
  };
  return (
    <form class="bulk-group" onSubmit={move}>
      <label class="field">
        <span>Project</span>
        <input
          type="text" list={names} maxLength={128} ref={focused} value={draft} placeholder="Another one, or a new one"
          aria-describedby={atWork ? note : undefined} onInput={(event) => setDraft(event.currentTarget.value)}
        />
      </label>
      <datalist id={names}>{others.slice(0, MOST).map(({ name }) => <option key={name}>{name}</option>)}</datalist>
      <button type="submit" class="button" disabled={!can}>Move {wanted.length.toLocaleString("en")}</button>
      {atWork > 0 && <span id={note} class="soft">{atWork === 1 ? "1 is at work and stays." : `${atWork.toLocaleString("en")} are at work and stay.`}</span>}
    </form>
  );
}
