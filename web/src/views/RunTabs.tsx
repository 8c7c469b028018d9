/** The tabs of a run's page. Where the playhead stands goes along. */

import type { JSX } from "preact";
import { runPath, type Tab } from "../lib/routes";
import { Tabs } from "./Tabs";

const names = {
  charts: "Charts", overview: "Overview", media: "Media", console: "Console", system: "System", files: "Files", artifacts: "Artifacts", code: "Code",
} satisfies Record<Tab, string>;

export interface RunTabsProps {
  entity: string;
  project: string;
  id: string;
  tab: Tab;
}

export function RunTabs({ entity, project, id, tab }: RunTabsProps): JSX.Element {
  return <Tabs label="Of this run" open={tab} tabs={(Object.keys(names) as Tab[]).map((name) => [name, names[name], runPath(entity, project, id, name)])} />;
}
