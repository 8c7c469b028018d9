/** Puts the selected runs into a group, or says what kind of job they are. */

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { titleOf } from "../lib/fields";
import { focused } from "../lib/focused";
import { groupRuns } from "../state/bulk";
import { runs as all } from "../state/project";
import { Popover } from "./Popover";

/** Names that are proposed. */
const MOST = 100;

export function BulkGroup({ runs }: { runs: readonly Run[] }): JSX.Element {
  return (
    <Popover label="Group">
      {(close) => (["group", "job_type"] as const).map((field) => <Field key={field} field={field} runs={runs} onDone={close} />)}
    </Popover>
  );
}

function Field({ field, runs, onDone }: { field: "group" | "job_type"; runs: readonly Run[]; onDone(): void }): JSX.Element {
  const own = new Set(runs.map((run) => run[field] ?? ""));
  const [only] = own;
  const [draft, setDraft] = useState(own.size === 1 ? (only ?? "") : "");
  const names = useId();
  const known = new Set((all.value.data ?? []).flatMap((run) => run[field] || []));
  const to = draft.trim();
  const set = (name: string): void => {
    void groupRuns(runs, field, name);
    onDone();
  };
  const title = titleOf(field);
  return (
    <form
      class="bulk-group" onSubmit={(event) => {
        event.preventDefault();
        set(to);
      }}
    >
      <label class="field">
        <span>{title}</span>
        <input
          type="text" list={names} maxLength={128} ref={field === "group" ? focused : null} value={draft}
          placeholder={own.size > 1 ? `${own.size} different ones` : "None"} onInput={(event) => setDraft(event.currentTarget.value)}
        />
      </label>
      <datalist id={names}>{[...known].slice(0, MOST).map((name) => <option key={name}>{name}</option>)}</datalist>
      <button type="submit" class="button" disabled={!to || (own.size === 1 && to === only)}>Set</button>
      {(own.size > 1 || only) && <button type="button" class="link" aria-label={`Take the ${title.toLowerCase()} off them`} onClick={() => set("")}>None</button>}
    </form>
  );
}
