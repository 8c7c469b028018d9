/** A group in the table of runs: how many, and what their numbers come to. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Run, RunState } from "../api/types";
import type { GroupRow } from "../lib/groups";
import { summarise } from "../lib/table";
import { groupColour } from "../state/grouping";
import { select, selected } from "../state/runlist";
import { view } from "../state/view";
import { ChevronIcon } from "./icons";
import { StateMark } from "./State";

export interface RunTableGroupProps {
  row: Extract<GroupRow<Run>, { kind: "group" }>;
  columns: readonly string[];
  onTurn(): void;
}

export function RunTableGroup({ row, columns, onTurn }: RunTableGroupProps): JSX.Element {
  const { aggregate } = view.value;
  const cells = useMemo(() => columns.map((field) => summarise(row.runs, field, aggregate)), [row.runs, columns, aggregate]);
  const every = row.runs.every((run) => selected.value.has(run.id));
  const colour = row.depth === 0 ? groupColour(row.name) : null;
  return (
    <div class="table-row table-group" role="row" data-group={row.name}>
      <span role="cell" class="table-cell table-pick">
        <input type="checkbox" aria-label={`Select the runs of ${row.name}`} checked={every} onChange={() => select(row.runs.map((run) => run.id), !every)} />
      </span>
      <span role="rowheader" class="table-cell table-name" style={{ paddingLeft: `${row.depth * 16}px` }}>
        <button type="button" class="group-name" aria-expanded={row.open} onClick={onTurn}>
          <ChevronIcon />
          {colour && <span class="swatch" style={{ background: colour }} />}
          <span class="ellipsis">{row.name}</span>
          <span class="count num">{row.runs.length.toLocaleString("en")}</span>
        </button>
      </span>
      {columns.map((field, at) => (
        field === "state" ? (
          <span key={field} role="cell" class="table-cell group-states num">
            {row.states.map(([state, count]) => <span key={state}>{count}<StateMark state={state as RunState} /></span>)}
          </span>
        ) : (
          <span key={field} role="cell" class={`table-cell ellipsis${cells[at]?.numeric ? " num right" : " soft"}`} title={cells[at]?.title || undefined}>{cells[at]?.text}</span>
        )
      ))}
    </div>
  );
}
