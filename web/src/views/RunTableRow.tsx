/** A run in the table. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { kindOf, textOf, valueOf } from "../lib/fields";
import { formatAgo, formatDateTime } from "../lib/format";
import { runPath } from "../lib/routes";
import { now } from "../state/clock";
import { runColour } from "../state/colours";
import { selected } from "../state/runlist";
import { shown, toggle } from "../state/view";
import { Link } from "./Link";
import { Pin } from "./Pin";
import { StateBadge } from "./State";

/** As JSON has them. */
const NO_NUMBER = new Set(["NaN", "Infinity", "-Infinity"]);

export interface RunTableRowProps {
  run: Run;
  depth: number;
  columns: readonly string[];
  onPick(run: Run, on: boolean, range: boolean): void;
}

export function RunTableRow({ run, depth, columns, onPick }: RunTableRowProps): JSX.Element {
  const on = selected.value.has(run.id);
  const drawn = shown.value.has(run.id);
  return (
    <div class={`table-row${on ? " picked" : ""}`} role="row" data-run={run.id}>
      <span role="cell" class="table-cell table-pick">
        <input type="checkbox" aria-label={`Select ${run.name}`} checked={on} onClick={(event) => onPick(run, !on, event.shiftKey)} />
      </span>
      <span role="rowheader" class="table-cell table-name" style={depth ? { paddingLeft: `${8 + depth * 16}px` } : undefined}>
        <button type="button" class={`table-eye${drawn ? "" : " off"}`} aria-pressed={drawn} aria-label={`Draw ${run.name}`} title={drawn ? "Drawn in the charts" : "Not drawn in the charts"} onClick={() => toggle(run.id)}>
          <span class="swatch" style={drawn ? { background: runColour(run.id) } : undefined} />
        </button>
        <Link href={runPath(run.entity, run.project, run.id)} class="run-name" title={run.name}>{run.name}</Link>
        <Pin run={run} />
      </span>
      {columns.map((field) => <Cell key={field} run={run} field={field} />)}
    </div>
  );
}

function Cell({ run, field }: { run: Run; field: string }): JSX.Element {
  if (field === "state") return <span role="cell" class="table-cell"><StateBadge state={run.state} /></span>;
  if (field === "created") return <span role="cell" class="table-cell num" title={formatDateTime(run.created_at)}>{formatAgo(run.created_at, now.value)}</span>;
  if (field === "tags") return <span role="cell" class="table-cell table-tags" title={run.tags.join(", ")}>{run.tags.map((tag) => <span key={tag} class="tag"><span class="ellipsis">{tag}</span></span>)}</span>;
  const text = textOf(run, field);
  const numeric = typeof valueOf(run, field) === "number" || NO_NUMBER.has(text);
  return <span role="cell" class={`table-cell ellipsis${numeric ? " num right" : ""}${kindOf(field) === "run" ? " soft" : ""}`} title={text.length > 14 ? text : undefined}>{text}</span>;
}
