/** The server's resources, a function each. Paths are those of src/playhead/wire/routes.py. */

import { type Columns, decodeColumns } from "../lib/columns";
import { apiPath, ask, askJson, withQuery } from "./http";
import type {
  ChartQuery, LinePage, Page, Project, ProjectKeys, RowPage, Run, RunPatch, Segment, Series, Server, Source, Viewer,
} from "./types";

type Signal = AbortSignal | undefined;

export const getServer = (): Promise<Server> => askJson("/health");
export const getViewer = (): Promise<Viewer> => askJson(apiPath("viewer"));
export const logIn = async (key: string): Promise<void> => void (await ask(apiPath("session"), { method: "POST", body: { key } }));
export const logOut = async (): Promise<void> => void (await ask(apiPath("session"), { method: "DELETE" }));

export const getProjects = (cursor?: string): Promise<Page<Project>> => askJson(withQuery(apiPath("projects"), { cursor }));

export const getProject = (entity: string, project: string): Promise<Project> => askJson(apiPath("projects", entity, project));

export const getProjectKeys = (entity: string, project: string): Promise<ProjectKeys> =>
  askJson(apiPath("projects", entity, project, "keys"));

export const getRuns = (entity: string, project: string, limit: number, cursor?: string): Promise<Page<Run>> =>
  askJson(withQuery(apiPath("runs", entity, project), { limit, cursor }));

export const getRun = (entity: string, project: string, id: string): Promise<Run> => askJson(apiPath("runs", entity, project, id));

export const patchRun = (entity: string, project: string, id: string, body: RunPatch): Promise<Run> =>
  askJson(apiPath("runs", entity, project, id), { method: "PATCH", body });

export const deleteRun = async (entity: string, project: string, id: string): Promise<void> =>
  void (await ask(apiPath("runs", entity, project, id), { method: "DELETE" }));

export const getSegments = (entity: string, project: string, id: string): Promise<Segment[]> =>
  askJson(apiPath("runs", entity, project, id, "segments"));

export const getRunKeys = (entity: string, project: string, id: string, source: Source): Promise<Series[]> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "keys"), { source }));

export async function getChart(entity: string, project: string, body: ChartQuery, signal?: Signal): Promise<Columns> {
  const response = await ask(apiPath("projects", entity, project, "chart"), { method: "POST", body, signal });
  return decodeColumns(await response.arrayBuffer());
}

export interface ConsoleQuery {
  /** Lines behind this number. */
  after?: number;
  limit: number;
  /** The last lines instead. */
  tail?: true;
}

export const getConsole = (entity: string, project: string, id: string, query: ConsoleQuery): Promise<LinePage> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "console"), { ...query }));

export const getRows = (
  entity: string,
  project: string,
  id: string,
  query: { keys: string; min_step?: number; limit?: number },
): Promise<RowPage> => askJson(withQuery(apiPath("runs", entity, project, id, "rows"), query));

export const blobUrl = (entity: string, project: string, id: string, sha256: string): string =>
  apiPath("runs", entity, project, id, "blobs", sha256);
