/** A run: its head, its timeline, its tabs. Nothing here looks at where the playhead stands: it moves often, what follows it asks itself. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Tab } from "../lib/routes";
import { followPlayhead } from "../state/moment";
import { segment } from "../state/place";
import { openRun, run } from "../state/run";
import { NotHere } from "./Problem";
import { RunArtifacts } from "./RunArtifacts";
import { RunCharts, RunSystem } from "./RunCharts";
import { RunCode } from "./RunCode";
import { RunConsole } from "./RunConsole";
import { RunFiles } from "./RunFiles";
import { RunGone } from "./RunGone";
import { RunHead } from "./RunHead";
import { RunMediaTab } from "./RunMediaTab";
import { RunOverview } from "./RunOverview";
import { RunTabs } from "./RunTabs";
import { Timeline } from "./Timeline";

export interface RunPageProps {
  entity: string;
  project: string;
  id: string;
  tab: Tab;
}

export function RunPage({ entity, project, id, tab }: RunPageProps): JSX.Element {
  useEffect(() => openRun(entity, project, id), []);
  useEffect(followPlayhead, []);
  const { data, error } = run.value;
  if (data?.id !== id) return <NotHere error={error} retry={() => openRun(entity, project, id)} gone={(what) => <RunGone entity={entity} project={project} what={what} />} />;
  return (
    <main class={`run-page tab-${tab}`} id="main">
      <RunHead run={data} />
      <Timeline run={data} />
      <RunTabs entity={entity} project={project} id={id} tab={tab} />
      {tab === "charts" && <RunCharts run={data} />}
      {tab === "overview" && <RunOverview run={data} />}
      {tab === "console" && <RunConsole run={data} />}
      {tab === "system" && <RunSystem run={data} />}
      {tab === "files" && <RunFiles run={data} />}
      {tab === "artifacts" && <RunArtifacts run={data} />}
      {tab === "media" && <RunMediaTab key={segment.value} run={data} />}
      {tab === "code" && <RunCode run={data} />}
    </main>
  );
}
