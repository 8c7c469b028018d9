/** A project: its runs, to be looked at in several ways. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { type ProjectTab, trashPath } from "../lib/routes";
import { loadProject, openProject, runs } from "../state/project";
import { ComparePage } from "./ComparePage";
import { Empty } from "./Empty";
import { Link } from "./Link";
import { MovedNotice } from "./MovedNotice";
import { ParallelPage } from "./ParallelPage";
import { NotHere } from "./Problem";
import { ProjectCharts } from "./ProjectCharts";
import { ProjectTabs } from "./ProjectTabs";
import { RunTable } from "./RunTable";
import { ThrownNotice } from "./ThrownNotice";

export function ProjectPage({ entity, project, tab }: { entity: string; project: string; tab: ProjectTab }): JSX.Element {
  useEffect(() => openProject(entity, project, true), []);
  const { data: list, error } = runs.value;
  if (!list) return <NotHere error={error} retry={loadProject} />;
  if (!list.length) {
    return (
      <main class="home" id="main">
        <ThrownNotice entity={entity} project={project} />
        <MovedNotice entity={entity} project={project} />
        <Empty title={project} text="No run yet. These three lines make one:" project={project} />
        <Link href={trashPath(entity, project)} class="link">Trash</Link>
      </main>
    );
  }
  return (
    <>
      <ProjectTabs entity={entity} project={project} tab={tab} />
      <ThrownNotice entity={entity} project={project} />
      <MovedNotice entity={entity} project={project} />
      {tab === "charts" && <ProjectCharts entity={entity} project={project} list={list} />}
      {tab === "table" && <RunTable />}
      {tab === "compare" && <ComparePage />}
      {tab === "parallel" && <ParallelPage />}
    </>
  );
}
