/** The head of the table of runs: a click on a column sorts by it, the next one the other way round. */

import type { JSX } from "preact";
import { kindOf, titleOf } from "../lib/fields";
import { found, select, selected } from "../state/runlist";
import { setView, view } from "../state/view";

export function RunTableHead({ columns, numeric }: { columns: readonly string[]; numeric: ReadonlySet<string> }): JSX.Element {
  const all = found.value;
  const every = all.length > 0 && all.every((run) => selected.value.has(run.id));
  return (
    <div class="table-row table-head" role="row">
      <span role="columnheader" class="table-cell table-pick">
        <input type="checkbox" aria-label="Select all that are listed" checked={every} ref={(box) => {
          if (box) box.indeterminate = !every && selected.value.size > 0;
        }} onChange={() => select(all.map((run) => run.id), !every)} />
      </span>
      {["name", ...columns].map((field) => <Column key={field} field={field} numeric={numeric.has(field)} />)}
    </div>
  );
}

function Column({ field, numeric }: { field: string; numeric: boolean }): JSX.Element {
  const { sort } = view.value;
  const way = sort === field ? "ascending" : sort === `-${field}` ? "descending" : undefined;
  const kind = kindOf(field);
  return (
    <span role="columnheader" class={`table-cell${field === "name" ? " table-name" : ""}${numeric ? " right" : ""}`} aria-sort={way} aria-label={titleOf(field)}>
      <button type="button" class="table-sort" title={`Sort by ${kind === "run" ? "" : `${kind} `}${titleOf(field)}`} onClick={() => setView({ sort: way === "descending" ? field : `-${field}` })}>
        <span class="ellipsis">{titleOf(field)}</span>
        {way && <span aria-hidden="true">{way === "ascending" ? "↑" : "↓"}</span>}
      </button>
    </span>
  );
}
