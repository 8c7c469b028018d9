/** What a run is: notes and tags, where and how it ran, its config and summary, its segments. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { factsOf } from "../lib/facts";
import { formatDateTime, formatDuration } from "../lib/format";
import { atNow, shownRun } from "../state/moment";
import { step } from "../state/place";
import { editRun } from "../state/run";
import { Copy } from "./Copy";
import { FactRows } from "./Facts";
import { Lineage } from "./Lineage";
import { Notes } from "./Notes";
import { Segments } from "./Segments";
import { Tags } from "./Tags";
import { Values } from "./Values";
import { Writers } from "./Writers";

export function RunOverview({ run }: { run: Run }): JSX.Element {
  return (
    <div class="overview">
      <div class="overview-side">
        <section class="card panel">
          <dl class="facts">
            <dt>Tags</dt>
            <dd>
              <Tags tags={run.tags} disabled={!run.may_write} onSave={(tags) => editRun({ tags })} />
            </dd>
            <dt>Run id</dt>
            <dd class="mono">
              {run.id} <Copy text={run.id} what="the run's id" />
            </dd>
            {run.user && <><dt>By</dt><dd>{run.user}</dd></>}
            {run.group && <><dt>Group</dt><dd>{run.group}</dd></>}
            {run.job_type && <><dt>Job type</dt><dd>{run.job_type}</dd></>}
            <dt>Started</dt>
            <dd class="num">{formatDateTime(run.started_at)}</dd>
            {run.finished_at !== null && <><dt>Ended</dt><dd class="num">{formatDateTime(run.finished_at)}</dd></>}
            <dt>Duration</dt>
            <dd class="num">{formatDuration(run.runtime)}</dd>
            {run.exit_code !== null && <><dt>Exit code</dt><dd class="num">{run.exit_code}</dd></>}
            <FactRows facts={factsOf(run.meta)} />
            {run.dropped > 0 && <><dt>Dropped</dt><dd class="warning num">{run.dropped} values that could not be recorded</dd></>}
            {run.damaged > 0 && <><dt>Damaged</dt><dd class="warning num">{run.damaged} records that could not be read</dd></>}
          </dl>
        </section>
        <Writers run={run} />
        <Lineage run={run} />
        <Segments run={run} />
      </div>
      <div class="overview-main">
        <Notes run={run} />
        <Recorded run={run} />
      </div>
    </div>
  );
}

/** Config and summary, as of where the playhead stands. */
function Recorded({ run }: { run: Run }): JSX.Element {
  const { config, summary } = shownRun.value ?? run;
  const when = atNow.value || step.value === null ? "" : `as of step ${step.value.toLocaleString("en")}`;
  return (
    <>
      <Values title="Config" when={when} values={config} none="No config. What init(config=…) is given is listed here." />
      <Values title="Summary" when={when} values={own(summary)} none={when ? "Nothing was logged until then." : "No summary yet. The last value of every metric is listed here."} />
    </>
  );
}

/** Without the server's own keys (`_step`, `_runtime`, `_timestamp`): what they say stands above. */
function own(summary: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(summary).filter(([key]) => !key.startsWith("_")));
}
