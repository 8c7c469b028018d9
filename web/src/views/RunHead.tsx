/** On top of a run's page: what it is called, how it stands, what can be done with it. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { formatAgo, formatDuration, plural } from "../lib/format";
import { projectPath } from "../lib/routes";
import { now } from "../state/clock";
import { runColour } from "../state/colours";
import { editRun } from "../state/run";
import { DeleteRun } from "./DeleteRun";
import { Editable } from "./Editable";
import { StateBadge } from "./State";
import { StopRun } from "./StopRun";

export function RunHead({ run }: { run: Run }): JSX.Element {
  const lost = run.damaged + run.dropped;
  return (
    <header class="run-head">
      <span class="swatch large" style={{ background: runColour(run.id) }} />
      <h1>
        <Editable value={run.name} label="Name" disabled={!run.may_write} maxLength={128} onSave={(name) => editRun({ name })} />
      </h1>
      <StateBadge state={run.state} />
      <span class="run-facts num">
        <span>{plural(run.step, "step")}</span>
        <span>{formatDuration(run.runtime)}</span>
        <span title={new Date(run.started_at / 1000).toString()}>{formatAgo(run.started_at, now.value)}</span>
        {lost > 0 && <span class="warning" title="See the overview">{plural(lost, "record")} lost</span>}
      </span>
      <span class="run-deeds">
        <StopRun run={run} />
        {run.may_write && <DeleteRun run={run} back={projectPath(run.entity, run.project)} />}
      </span>
    </header>
  );
}
