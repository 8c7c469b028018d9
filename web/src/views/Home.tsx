/** Home: what runs now, and the projects, newest activity first. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Project } from "../api/types";
import { formatAgo, plural } from "../lib/format";
import { projectPath, runPath } from "../lib/routes";
import { now } from "../state/clock";
import { projects, running, watchProjects } from "../state/projects";
import { viewer } from "../state/session";
import { Empty } from "./Empty";
import { Link } from "./Link";
import { NotHere, Problem } from "./Problem";
import { StateMark } from "./State";

export function Home(): JSX.Element {
  useEffect(watchProjects, []);
  const { data, error } = projects.value;
  if (!data) return <NotHere error={error} retry={() => window.location.reload()} />;
  if (!data.length) {
    return (
      <main class="home" id="main">
        <Empty title={`Welcome, ${viewer.value?.username}`} text="No project yet. These three lines make one:" project="my-project" />
      </main>
    );
  }
  const entities = [...new Set(data.map((project) => project.entity))];
  return (
    <main class="home" id="main">
      <h1 class="visually-hidden">Projects</h1>
      {error && <Problem message={error.message} />}
      <RunningNow />
      {entities.map((entity) => (
        <section key={entity} class="home-section">
          <h2>{entities.length > 1 ? entity : "Projects"}</h2>
          <ul class="card list">
            {data.filter((project) => project.entity === entity).map((project) => (
              <ProjectRow key={project.name} project={project} />
            ))}
          </ul>
        </section>
      ))}
    </main>
  );
}

function ProjectRow({ project }: { project: Project }): JSX.Element {
  return (
    <li>
      <Link href={projectPath(project.entity, project.name)} class="list-row">
        <span class="list-name">{project.name}</span>
        {project.visibility !== "private" && <span class="tag">{project.visibility}</span>}
        <span class="list-end num">
          {project.running > 0 && <span class="running-count">{project.running} running</span>}
          <span class="list-cell">{plural(project.runs, "run")}</span>
          <span class="list-cell soft">{formatAgo(project.updated_at, now.value)}</span>
        </span>
      </Link>
    </li>
  );
}

function RunningNow(): JSX.Element | null {
  if (!running.value.length) return null;
  return (
    <section class="home-section">
      <h2>Running now</h2>
      <ul class="card list">
        {running.value.map((run) => (
          <li key={`${run.entity}/${run.project}/${run.id}`}>
            <Link href={runPath(run.entity, run.project, run.id)} class="list-row">
              <StateMark state={run.state} />
              <span class="list-name">{run.name}</span>
              <span class="soft ellipsis">{run.project}</span>
              <span class="list-end num">
                <span class="list-cell">step {Math.max(0, run.step - 1).toLocaleString("en")}</span>
                <span class="list-cell soft">{formatAgo(run.started_at, now.value)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
