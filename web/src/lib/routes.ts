/** Addresses of the page. What is not known here is a page that does not exist. */

export const tabs = ["overview", "charts", "console", "system", "files", "code", "media"] as const;
export type Tab = (typeof tabs)[number];

/** Ways to look at a project. */
export const projectTabs = ["charts", "table", "compare", "parallel"] as const;
export type ProjectTab = (typeof projectTabs)[number];

export type Route =
  | { page: "home" }
  | { page: "login" }
  | { page: "settings" }
  | { page: "project"; entity: string; project: string; tab: ProjectTab }
  | { page: "trash"; entity: string; project: string }
  | { page: "run"; entity: string; project: string; run: string; tab: Tab }
  | { page: "unknown"; path: string };

export function parseRoute(path: string): Route {
  const parts = path.split("/").filter(Boolean).map(decode);
  const [entity, project, runs, run, tab = "charts"] = parts;
  if (parts.length === 0) return { page: "home" };
  if (parts.length === 1 && entity === "login") return { page: "login" };
  if (parts.length === 1 && entity === "settings") return { page: "settings" };
  if (!entity || !project) return { page: "unknown", path };
  if (parts.length === 2) return { page: "project", entity, project, tab: "charts" };
  const way = projectTabs.find((name) => name === runs && name !== "charts");
  if (parts.length === 3 && way) return { page: "project", entity, project, tab: way };
  if (parts.length === 3 && runs === "trash") return { page: "trash", entity, project };
  const known = tabs.find((name) => name === tab);
  if (runs === "runs" && run && known && parts.length <= 5) return { page: "run", entity, project, run, tab: known };
  return { page: "unknown", path };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function projectPath(entity: string, project: string, tab: ProjectTab = "charts"): string {
  return `/${encodeURIComponent(entity)}/${encodeURIComponent(project)}${tab === "charts" ? "" : `/${tab}`}`;
}

export function trashPath(entity: string, project: string): string {
  return `${projectPath(entity, project)}/trash`;
}

export function runPath(entity: string, project: string, run: string, tab?: Tab): string {
  return `${projectPath(entity, project)}/runs/${encodeURIComponent(run)}${tab && tab !== "charts" ? `/${tab}` : ""}`;
}
