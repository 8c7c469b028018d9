/** The ways to look at a project. How the page is set up goes along. */

import type { JSX } from "preact";
import { projectPath, type ProjectTab, projectTabs } from "../lib/routes";
import { query } from "../state/location";
import { Link } from "./Link";

const names: Record<ProjectTab, string> = { charts: "Charts", table: "Table", compare: "Compare", parallel: "Parallel coordinates", artifacts: "Artifacts" };

export function ProjectTabs({ entity, project, tab }: { entity: string; project: string; tab: ProjectTab }): JSX.Element {
  return (
    <nav class="tabs project-tabs" aria-label="Of this project">
      {projectTabs.map((name) => (
        <Link key={name} href={projectPath(entity, project, name) + query.value} aria-current={name === tab ? "page" : undefined}>{names[name]}</Link>
      ))}
    </nav>
  );
}
