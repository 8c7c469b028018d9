/** Addresses of the page. What is not known here is a page that does not exist. */

export const tabs = ["overview", "charts", "console", "system", "files", "artifacts", "code", "media"] as const;
export type Tab = (typeof tabs)[number];

/** Ways to look at a project. */
export const projectTabs = ["charts", "table", "compare", "parallel", "artifacts"] as const;
export type ProjectTab = (typeof projectTabs)[number];

export type Route =
  | { page: "home" }
  | { page: "login" }
  | { page: "settings" }
  | { page: "project"; entity: string; project: string; tab: ProjectTab }
  /** A project's artifacts, one of them, a version of it. */
  | { page: "artifacts"; entity: string; project: string; name: string | null; version: string | null }
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
  if (runs === "artifacts" && parts.length <= 5) return { page: "artifacts", entity, project, name: run ?? null, version: parts[4] ?? null };
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

/** `v3` or an alias of an artifact; without one its newest. */
export function artifactPath(entity: string, project: string, name?: string, version?: string): string {
  const parts = [name, version].filter((part) => part !== undefined).map(encodeURIComponent);
  return [projectPath(entity, project, "artifacts"), ...parts].join("/");
}

export function trashPath(entity: string, project: string): string {
  return `${projectPath(entity, project)}/trash`;
}

export function runPath(entity: string, project: string, run: string, tab?: Tab): string {
  return `${projectPath(entity, project)}/runs/${encodeURIComponent(run)}${tab && tab !== "charts" ? `/${tab}` : ""}`;
}
