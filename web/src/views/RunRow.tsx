/** One run in the list: its colour, which is also the switch that draws it, its name, how it stands. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { formatAgo } from "../lib/format";
import { runPath } from "../lib/routes";
import { now } from "../state/clock";
import { runColour } from "../state/colours";
import { hovered, shown, solo, toggle } from "../state/view";
import { EyeIcon, EyeOffIcon } from "./icons";
import { Link } from "./Link";
import { Pin } from "./Pin";
import { StateMark } from "./State";

export interface RunRowProps {
  entity: string;
  project: string;
  run: Run;
  /** How deep in groups. */
  depth: number;
}

export function RunRow({ entity, project, run, depth }: RunRowProps): JSX.Element {
  const on = shown.value.has(run.id);
  const click = (event: MouseEvent): void => (event.altKey ? solo(run.id) : toggle(run.id));
  return (
    <div
      class={`run-row${on ? "" : " off"}${hovered.value === run.id ? " front" : ""}`} data-run={run.id} style={depth ? { paddingLeft: `${8 + depth * 16}px` } : undefined}
      onMouseEnter={() => (hovered.value = on ? run.id : null)}
    >
      <button
        type="button" class="eye" aria-pressed={on} aria-label={`Draw ${run.name}`} onClick={click}
        style={{ color: runColour(run.id) }} title={`${on ? "Hide" : "Show"} (Alt: only this one)`}
      >
        <span class="swatch" />
        {on ? <EyeIcon /> : <EyeOffIcon />}
      </button>
      <Link href={runPath(entity, project, run.id)} class="run-name" title={run.name}>
        {run.name}
      </Link>
      <Pin run={run} />
      <span class="run-age num">{formatAgo(run.created_at, now.value).replace(" ago", "")}</span>
      <StateMark state={run.state} />
    </div>
  );
}
