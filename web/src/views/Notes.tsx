/** A run's notes: Markdown to read, and its text to edit. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import { editRun } from "../state/run";
import { EditField } from "./EditField";
import { PencilIcon } from "./icons";
import { Markdown } from "./Markdown";

export function Notes({ run }: { run: Run }): JSX.Element | null {
  const [editing, setEditing] = useState(false);
  const text = run.notes ?? "";
  if (!text && !run.may_write) return null;
  return (
    <section class="card panel notes" aria-label="About this run">
      <header class="panel-head">
        <h2>Notes</h2>
        {run.may_write && !editing && (
          <button type="button" class="icon-button" aria-label={`Notes: ${text || "none"}. Edit`} title="Edit" onClick={() => setEditing(true)}><PencilIcon /></button>
        )}
        {editing && <span class="soft notes-hint">Markdown. Ctrl or ⌘ with Enter saves, Escape gives up.</span>}
      </header>
      {editing ? <EditField value={text} label="Notes" long empty placeholder="What this run tries, what came of it" onSave={(notes) => editRun({ notes })} onDone={() => setEditing(false)} />
        : text ? <Markdown text={text} />
        : <button type="button" class="link notes-none" onClick={() => setEditing(true)}>Add notes</button>}
    </section>
  );
}
