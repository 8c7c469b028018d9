/** The server's resources, a function each. Paths are those of src/playhead/wire/routes.py. */

import { type Columns, decodeColumns } from "../lib/columns";
import { apiPath, ask, askJson, withQuery } from "./http";
import type {
  ApiKey, Artifact, ChartQuery, Collection, Entry, FilePage, Histograms, Lineage, LinePage, Mark, MediaKey, MediaPage, Page, Project, ProjectKeys, Run, RunArtifact, RunColumn, RunPatch, RunRef, Segment, Series, Server, Source, TablePage, Viewer,
} from "./types";

type Signal = AbortSignal | undefined;

export const getServer = (): Promise<Server> => askJson("/health");
export const getViewer = (): Promise<Viewer> => askJson(apiPath("viewer"));
export const logIn = async (key: string): Promise<void> => void (await ask(apiPath("session"), { method: "POST", body: { key } }));
export const logOut = async (): Promise<void> => void (await ask(apiPath("session"), { method: "DELETE" }));

export const getApiKeys = (): Promise<ApiKey[]> => askJson(apiPath("api-keys"));
/** The answer is the only place where the key itself ever is. */
export const addApiKey = (name: string): Promise<ApiKey & { api_key: string }> => askJson(apiPath("api-keys"), { method: "POST", body: { name } });
export const revokeApiKey = async (id: string): Promise<void> => void (await ask(apiPath("api-keys", id), { method: "DELETE" }));

export const getProjects = (cursor?: string): Promise<Page<Project>> => askJson(withQuery(apiPath("projects"), { cursor }));

export const getProject = (entity: string, project: string): Promise<Project> => askJson(apiPath("projects", entity, project));

export const getProjectKeys = (entity: string, project: string): Promise<ProjectKeys> =>
  askJson(apiPath("projects", entity, project, "keys"));

export interface RunsQuery {
  limit: number;
  cursor?: string | undefined;
  filter?: string | undefined;
  order?: string | undefined;
  /** Of config and summary only these values, such as `config.lr`; without `meta` and `metrics`. */
  values?: readonly string[] | undefined;
}

/** A page of runs, newest first unless asked otherwise. */
export const getRuns = (entity: string, project: string, { values, ...query }: RunsQuery): Promise<Page<Run>> =>
  askJson(withQuery(apiPath("runs", entity, project), { ...query, brief: values && true, values }));

/** Runs by their ids, as far as they are there. */
export const getRunsById = async (entity: string, project: string, ids: readonly string[], values?: readonly string[]): Promise<Run[]> => {
  const body = { filter: `id in [${ids.map((id) => JSON.stringify(id)).join(", ")}]`, limit: ids.length, brief: values !== undefined, values: values ?? [] };
  return (await askJson<Page<Run>>(apiPath("runs", entity, project), { method: "POST", body })).items;
};

export const getColumns = async (entity: string, project: string): Promise<RunColumn[]> =>
  (await askJson<{ items: RunColumn[] }>(apiPath("projects", entity, project, "columns"))).items;

/** Where on a run's timeline: a segment's end or a step of it; the run's own end without either. */
export interface At {
  segment?: string | undefined;
  step?: number | undefined;
}

export const getTrash = (entity: string, project: string, cursor?: string): Promise<Page<Run>> =>
  askJson(withQuery(apiPath("runs", entity, project), { trash: true, brief: true, limit: 500, cursor }));

export const getRun = (entity: string, project: string, id: string, at: At = {}): Promise<Run> =>
  askJson(withQuery(apiPath("runs", entity, project, id), { ...at }));

export const patchRun = (entity: string, project: string, id: string, body: RunPatch): Promise<Run> =>
  askJson(apiPath("runs", entity, project, id), { method: "PATCH", body });

/** Into the trash, or for ever. */
export const deleteRun = async (entity: string, project: string, id: string, forever = false): Promise<void> =>
  void (await ask(withQuery(apiPath("runs", entity, project, id), { forever: forever || undefined }), { method: "DELETE" }));

export const restoreRun = (entity: string, project: string, id: string): Promise<Run> =>
  askJson(apiPath("runs", entity, project, id, "restore"), { method: "POST" });

export const stopRun = (entity: string, project: string, id: string): Promise<Run> =>
  askJson(apiPath("runs", entity, project, id, "stop"), { method: "POST" });

/** Into another project of its entity; the run as it is there. */
export const moveRun = (entity: string, project: string, id: string, to: string): Promise<Run> =>
  askJson(apiPath("runs", entity, project, id, "project"), { method: "POST", body: { project: to } });

/** Choose the run's head: a segment, or a step of one. */
export const postHead = (entity: string, project: string, id: string, at: At): Promise<Run> =>
  askJson(apiPath("runs", entity, project, id, "head"), { method: "POST", body: at });

export const getChildren = (entity: string, project: string, id: string): Promise<RunRef[]> =>
  askJson(apiPath("runs", entity, project, id, "children"));

export const getMarks = (entity: string, project: string, id: string, segment?: string): Promise<Mark[]> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "marks"), { segment }));

export const getSegments = (entity: string, project: string, id: string): Promise<Segment[]> =>
  askJson(apiPath("runs", entity, project, id, "segments"));

export const getRunKeys = (entity: string, project: string, id: string, source: Source, segment?: string): Promise<Series[]> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "keys"), { source, segment }));

export async function getChart(entity: string, project: string, body: ChartQuery, signal?: Signal): Promise<Columns> {
  const response = await ask(apiPath("projects", entity, project, "chart"), { method: "POST", body, signal });
  return decodeColumns(await response.arrayBuffer());
}

export interface ConsoleQuery extends At {
  /** Only what the writers of this label wrote. */
  label?: string | undefined;
  /** Lines behind this number. */
  after?: number;
  limit: number;
  /** The last lines instead. */
  tail?: true;
}

export const getConsole = (entity: string, project: string, id: string, query: ConsoleQuery): Promise<LinePage> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "console"), { ...query }));

/** Where a browser finds all lines as a text file. */
export const consoleUrl = (entity: string, project: string, id: string, query: At & { label?: string | undefined }): string =>
  withQuery(apiPath("runs", entity, project, id, "console", "text"), { ...query });

export const blobUrl = (entity: string, project: string, id: string, sha256: string): string =>
  apiPath("runs", entity, project, id, "blobs", sha256);

/** Where a browser finds what a row names; content that is known by its digest is fetched once. */
export const storedUrl = (entity: string, project: string, id: string, { path, sha256 }: { path: string; sha256: string }): string =>
  sha256
    ? withQuery(apiPath("runs", entity, project, id, "blobs", sha256), { path: path || undefined })
    : withQuery(apiPath("runs", entity, project, id, "file"), { path });

export const getMediaKeys = (entity: string, project: string, id: string, at: At): Promise<MediaKey[]> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "media", "keys"), { ...at }));

/** What was logged under a key, by step. */
export const getMedia = (
  entity: string,
  project: string,
  id: string,
  query: { key: string; min_step?: number; limit?: number; segment?: string | undefined },
): Promise<MediaPage> => askJson(withQuery(apiPath("runs", entity, project, id, "media"), query));

export interface MediaQuery {
  key: string;
  segment?: string | undefined;
  /** As of this step. */
  step?: number | undefined;
}

export const getHistograms = (entity: string, project: string, id: string, query: MediaQuery & { bins: number }): Promise<Histograms> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "media", "histograms"), { ...query }));

export const getTable = (
  entity: string,
  project: string,
  id: string,
  query: MediaQuery & { item: number; offset: number; limit: number },
): Promise<TablePage> => askJson(withQuery(apiPath("runs", entity, project, id, "media", "table"), { ...query }));

/** Where a frame finds logged HTML. */
export const htmlUrl = (entity: string, project: string, id: string, path: string): string =>
  withQuery(apiPath("runs", entity, project, id, "media", "html"), { path });

export interface FilesQuery extends At {
  /** Only names that begin so. */
  prefix?: string;
  /** Images of charts and the like too. */
  media?: boolean;
  limit: number;
  cursor?: string | undefined;
}

/** Files by name, as of a place. */
export const getFiles = (entity: string, project: string, id: string, query: FilesQuery): Promise<FilePage> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "files"), { ...query }));

/** All versions of a file, the newest first. */
export const getVersions = (entity: string, project: string, id: string, path: string, limit: number, cursor?: string): Promise<FilePage> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "files", "versions"), { path, limit, cursor }));

/** Where a browser finds a version of a file, by its name. */
export const fileUrl = (entity: string, project: string, id: string, path: string, version: number): string =>
  withQuery(apiPath("runs", entity, project, id, "file"), { path, version });

/** The bytes of a content from the first number to before the second. */
export async function getBytes(url: string, from: number, to: number, signal?: Signal): Promise<Uint8Array> {
  if (to <= from) return new Uint8Array();
  const response = await ask(url, { headers: { Range: `bytes=${from}-${to - 1}` }, signal });
  return new Uint8Array(await response.arrayBuffer());
}

export const getCollections = (entity: string, project: string, cursor?: string): Promise<Page<Collection>> =>
  askJson(withQuery(apiPath("collections", entity, project), { limit: 1_000, cursor }));

export const getArtifactVersions = (entity: string, project: string, name: string, limit: number, cursor?: string): Promise<Page<Artifact>> =>
  askJson(withQuery(apiPath("artifacts", entity, project, name), { limit, cursor }));

/** A version by its number or an alias. */
export const getArtifact = (entity: string, project: string, name: string, version: string): Promise<Artifact> =>
  askJson(apiPath("artifacts", entity, project, name, version));

export const getEntries = (entity: string, project: string, name: string, version: string, limit: number, cursor?: string): Promise<Page<Entry>> =>
  askJson(withQuery(apiPath("artifacts", entity, project, name, version, "files"), { limit, cursor }));

/** Where a browser finds a file of a version. */
export const entryUrl = (entity: string, project: string, name: string, version: string, path: string): string =>
  withQuery(apiPath("artifacts", entity, project, name, version, "file"), { path });

export const getLineage = (entity: string, project: string, name: string, version: string, depth: number): Promise<Lineage> =>
  askJson(withQuery(apiPath("artifacts", entity, project, name, version, "lineage"), { depth }));

/** What a run logged and used until a place on its timeline. */
export const getRunArtifacts = (entity: string, project: string, id: string, query: At & { limit: number; cursor?: string | undefined }): Promise<Page<RunArtifact>> =>
  askJson(withQuery(apiPath("runs", entity, project, id, "artifacts"), { ...query }));
