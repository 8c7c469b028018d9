/** The ways to look at a project. */

import type { JSX } from "preact";
import { projectPath, type ProjectTab, projectTabs } from "../lib/routes";
import { Tabs } from "./Tabs";

const names: Record<ProjectTab, string> = { charts: "Charts", table: "Table", compare: "Compare", parallel: "Parallel coordinates", artifacts: "Artifacts" };

export function ProjectTabs({ entity, project, tab }: { entity: string; project: string; tab: ProjectTab }): JSX.Element {
  return <Tabs class="project-tabs" label="Of this project" open={tab} tabs={projectTabs.map((name) => [name, names[name], projectPath(entity, project, name)])} />;
}
