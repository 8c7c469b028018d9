/** A group in the list of runs: folded or not, drawn or not, how many are in which state. */

import type { JSX } from "preact";
import type { Run, RunState } from "../api/types";
import type { GroupRow as Row } from "../lib/groups";
import { groupColour } from "../state/grouping";
import { draw, shown } from "../state/view";
import { ChevronIcon, EyeIcon, EyeOffIcon } from "./icons";
import { StateMark } from "./State";

export interface GroupRowProps {
  row: Extract<Row<Run>, { kind: "group" }>;
  onToggle(): void;
}

export function GroupRow({ row, onToggle }: GroupRowProps): JSX.Element {
  const on = row.runs.some((run) => shown.value.has(run.id));
  const colour = row.depth === 0 ? groupColour(row.name) : null;
  return (
    <div class={`run-row group-row${on ? "" : " off"}`} style={{ paddingLeft: `${8 + row.depth * 16}px` }} data-group={row.name}>
      <button type="button" class="eye" aria-pressed={on} aria-label={`Draw the runs of ${row.name}`} onClick={() => draw(row.runs.map(({ id }) => id), !on)} title={on ? "Hide them" : "Show them"}>
        {on ? <EyeIcon /> : <EyeOffIcon />}
      </button>
      <button type="button" class="group-name" aria-expanded={row.open} onClick={onToggle}>
        <ChevronIcon />
        {colour && <span class="swatch" style={{ background: colour }} />}
        <span class="ellipsis">{row.name}</span>
        <span class="count num">{row.runs.length}</span>
      </button>
      <span class="group-states num">
        {row.states.map(([state, count]) => (
          <span key={state}>
            {count}
            <StateMark state={state as RunState} />
          </span>
        ))}
      </span>
    </div>
  );
}
