/** A project: its runs at the left, their charts at the right. */

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { trashPath } from "../lib/routes";
import { matches } from "../lib/search";
import { toSections } from "../lib/sections";
import { grouping } from "../state/grouping";
import { keys, openProject, runs } from "../state/project";
import { shown } from "../state/view";
import { ChartSections } from "./ChartSections";
import { Empty } from "./Empty";
import { ListIcon } from "./icons";
import { Link } from "./Link";
import { NotFound, Problem, ProblemPage } from "./Problem";
import { ProjectMedia } from "./ProjectMedia";
import { RunList } from "./RunList";
import { ThrownNotice } from "./ThrownNotice";
import { Toolbar } from "./Toolbar";
import { Waiting } from "./Waiting";

export function ProjectPage({ entity, project }: { entity: string; project: string }): JSX.Element {
  useEffect(() => openProject(entity, project, true), []);
  const [drawer, setDrawer] = useState(false);
  const [filter, setFilter] = useState("");
  const list = runs.value.data;
  const found = keys.value.data;
  // Oldest first, so that the newest runs are drawn on top.
  const drawn = useMemo(
    () => (list ?? []).filter((run) => shown.value.has(run.id)).map(({ id, name }) => ({ id, name })).toReversed(),
    [list, shown.value],
  );
  const metrics = useMemo(() => Object.keys(found?.history ?? {}).toSorted(), [found]);
  const sections = useMemo(() => {
    const wanted = (names: object): string[] => Object.keys(names).filter((key) => matches(filter, [key]));
    return toSections(wanted(found?.history ?? {}), wanted(found?.system ?? {}));
  }, [found, filter]);

  const logged = sections.filter((section) => section.source === "history");
  const media = Object.keys(found?.media ?? {}).filter((key) => matches(filter, [key]));

  if (!list) {
    const error = runs.value.error;
    if (error?.status === 404 || error?.status === 403) return <NotFound what={error.message} />;
    return error ? <ProblemPage message={error.message} retry={() => openProject(entity, project, true)} /> : <Waiting />;
  }
  if (!list.length) {
    return (
      <main class="home" id="main">
        <ThrownNotice entity={entity} project={project} />
        <Empty title={project} text="No run yet. These three lines make one:" project={project} />
        <Link href={trashPath(entity, project)} class="link">Trash</Link>
      </main>
    );
  }
  return (
    <div class={`workspace${drawer ? " drawer-open" : ""}`} onKeyDown={(event) => event.key === "Escape" && setDrawer(false)}>
      <aside class="runs" aria-label="Runs">
        <RunList entity={entity} project={project} runs={list} onClose={() => setDrawer(false)} />
      </aside>
      <button type="button" class="scrim" aria-label="Close the list of runs" onClick={() => setDrawer(false)} tabIndex={drawer ? 0 : -1} />
      <main class="charts" id="main">
        <h1 class="visually-hidden">{project}</h1>
        <ThrownNotice entity={entity} project={project} />
        <Toolbar filter={filter} onFilter={setFilter} metrics={metrics}>
          <button type="button" class="button drawer-button" onClick={() => setDrawer(true)} aria-expanded={drawer}>
            <ListIcon /> Runs <span class="soft num">{drawn.length}/{list.length}</span>
          </button>
        </Toolbar>
        {!found && !keys.value.error && <Waiting />}
        {keys.value.error && <Problem message={keys.value.error.message} />}
        {found && !logged.length && !media.length && !filter && (
          <Empty title="No charts yet" text="Numbers and images that a run logs are drawn here:" project={project} />
        )}
        {found && !sections.length && !media.length && filter && <p class="soft pad">No chart has “{filter}” in its name.</p>}
        <ChartSections entity={entity} project={project} sections={logged} runs={drawn} grouping={grouping.value} metrics={metrics} />
        <ProjectMedia keys={media} runs={list} shown={shown.value} />
        <ChartSections entity={entity} project={project} sections={sections.slice(logged.length)} runs={drawn} grouping={grouping.value} closed />
      </main>
    </div>
  );
}
