/** A run: what it is called and how it stands, its tabs. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { formatAgo, formatDuration, plural } from "../lib/format";
import { projectPath, runPath, type Tab, tabs } from "../lib/routes";
import { now } from "../state/clock";
import { runColour } from "../state/colours";
import { query } from "../state/location";
import { editRun, openRun, run } from "../state/run";
import { DeleteRun } from "./DeleteRun";
import { Editable } from "./Editable";
import { Link } from "./Link";
import { NotFound, ProblemPage } from "./Problem";
import { RunCharts, RunSystem } from "./RunCharts";
import { RunConsole } from "./RunConsole";
import { RunOverview } from "./RunOverview";
import { StateBadge } from "./State";
import { Waiting } from "./Waiting";

export interface RunPageProps {
  entity: string;
  project: string;
  id: string;
  tab: Tab;
}

const names: Record<Tab, string> = { overview: "Overview", charts: "Charts", console: "Console", system: "System" };
const order: readonly Tab[] = ["charts", "overview", "console", "system"] satisfies (typeof tabs)[number][];

export function RunPage({ entity, project, id, tab }: RunPageProps): JSX.Element {
  useEffect(() => openRun(entity, project, id), []);
  const { data, error } = run.value;
  if (!data || data.id !== id) {
    if (error?.status === 404 || error?.status === 403) return <NotFound what={error.message} />;
    return error ? <ProblemPage message={error.message} retry={() => openRun(entity, project, id)} /> : <Waiting />;
  }
  const lost = data.damaged + data.dropped;
  return (
    <main class={`run-page tab-${tab}`} id="main">
      <header class="run-head">
        <span class="swatch large" style={{ background: runColour(id) }} />
        <h1>
          <Editable value={data.name} label="Name" disabled={!data.may_write} maxLength={128} onSave={(name) => editRun({ name })} />
        </h1>
        <StateBadge state={data.state} />
        <span class="run-facts num">
          <span>{plural(data.step, "step")}</span>
          <span>{formatDuration(data.runtime)}</span>
          <span title={new Date(data.started_at / 1000).toString()}>{formatAgo(data.started_at, now.value)}</span>
          {lost > 0 && <span class="warning" title="See the overview">{plural(lost, "record")} lost</span>}
        </span>
        {data.may_write && <DeleteRun name={data.name} back={projectPath(entity, project)} />}
      </header>
      <div class="run-timeline" />
      <nav class="tabs" aria-label="Of this run">
        {order.map((name) => (
          <Link key={name} href={runPath(entity, project, id, name) + query.value} aria-current={name === tab ? "page" : undefined}>
            {names[name]}
          </Link>
        ))}
      </nav>
      {tab === "charts" && <RunCharts run={data} />}
      {tab === "overview" && <RunOverview run={data} />}
      {tab === "console" && <RunConsole key={id} run={data} />}
      {tab === "system" && <RunSystem run={data} />}
    </main>
  );
}
