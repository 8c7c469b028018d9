/** The tabs of a run's page. How the page is set up, and where the playhead stands, goes along. */

import type { JSX } from "preact";
import { runPath, type Tab, tabs } from "../lib/routes";
import { query } from "../state/location";
import { Link } from "./Link";

const names: Record<Tab, string> = { overview: "Overview", charts: "Charts", console: "Console", system: "System", files: "Files", artifacts: "Artifacts", code: "Code", media: "Media" };
const order: readonly Tab[] = ["charts", "overview", "media", "console", "system", "files", "artifacts", "code"] satisfies (typeof tabs)[number][];

export interface RunTabsProps {
  entity: string;
  project: string;
  id: string;
  tab: Tab;
}

export function RunTabs({ entity, project, id, tab }: RunTabsProps): JSX.Element {
  return (
    <nav class="tabs" aria-label="Of this run">
      {order.map((name) => (
        <Link key={name} href={runPath(entity, project, id, name) + query.value} aria-current={name === tab ? "page" : undefined}>
          {names[name]}
        </Link>
      ))}
    </nav>
  );
}
