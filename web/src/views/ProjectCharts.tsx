/** A project's charts, with its runs at the left. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { matches } from "../lib/search";
import { toSections } from "../lib/sections";
import { isHidden } from "../state/definitions";
import { grouping } from "../state/grouping";
import { keys } from "../state/project";
import { shown } from "../state/view";
import { ChartSections } from "./ChartSections";
import { Empty } from "./Empty";
import { ListIcon } from "./icons";
import { Problem } from "./Problem";
import { ProjectMedia } from "./ProjectMedia";
import { RunList } from "./RunList";
import { Toolbar } from "./Toolbar";
import { Waiting } from "./Waiting";

export function ProjectCharts({ entity, project, list }: { entity: string; project: string; list: readonly Run[] }): JSX.Element {
  const [drawer, setDrawer] = useState(false);
  const [filter, setFilter] = useState("");
  const found = keys.value.data;
  // Oldest first, so that the newest runs are drawn on top.
  const named = list.filter((run) => shown.value.has(run.id)).map(({ id, name }) => ({ id, name })).toReversed();
  // Runs move all the time; charts are concerned only when there are others, or they have other names.
  const drawn = useMemo(() => named, [JSON.stringify(named)]);
  const metrics = useMemo(() => Object.keys(found?.history ?? {}).toSorted(), [found]);
  const sections = useMemo(() => {
    const wanted = (names: object): string[] => Object.keys(names).filter((key) => matches(filter, [key]) && !isHidden(key));
    return toSections(wanted(found?.history ?? {}), wanted(found?.system ?? {}));
  }, [found, filter]);

  const logged = sections.filter((section) => section.source === "history");
  const media = Object.keys(found?.media ?? {}).filter((key) => matches(filter, [key]));

  return (
    <div class={`workspace${drawer ? " drawer-open" : ""}`} onKeyDown={(event) => event.key === "Escape" && setDrawer(false)}>
      <aside class="runs" aria-label="Runs">
        <RunList entity={entity} project={project} runs={list} onClose={() => setDrawer(false)} />
      </aside>
      <button type="button" class="scrim" aria-label="Close the list of runs" onClick={() => setDrawer(false)} tabIndex={drawer ? 0 : -1} />
      <main class="charts" id="main">
        <h1 class="visually-hidden">{project}</h1>
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
        <ProjectMedia keys={media} runs={drawn} />
        <ChartSections entity={entity} project={project} sections={sections.slice(logged.length)} runs={drawn} grouping={grouping.value} closed />
      </main>
    </div>
  );
}
