/** What the server answers (src/playhead/wire/views.py). Times are microseconds since 1970, durations seconds. */

export interface Viewer {
  username: string;
  entity: string;
  admin: boolean;
  entities: string[];
}

/** An API key, but not the key itself. */
export interface ApiKey {
  id: string;
  name: string;
  created_at: number;
}

export interface Project {
  entity: string;
  name: string;
  visibility: string;
  created_at: number;
  updated_at: number;
  runs: number;
  running: number;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export type RunState = "pending" | "running" | "finished" | "failed" | "crashed" | "killed" | "preempting" | "preempted";

export interface Run {
  entity: string;
  project: string;
  id: string;
  name: string;
  state: RunState;
  head: string;
  created_at: number;
  started_at: number;
  updated_at: number;
  heartbeat_at: number;
  finished_at: number | null;
  runtime: number;
  exit_code: number | null;
  /** The next step: one more than the largest that was logged. */
  step: number;
  group: string | null;
  job_type: string | null;
  notes: string | null;
  tags: string[];
  config: Record<string, unknown>;
  summary: Record<string, unknown>;
  meta: Record<string, unknown>;
  damaged: number;
  dropped: number;
  user: string;
  url: string;
  may_write: boolean;
  /** The step that it is shown as of; `config`, `summary`, `step` and `runtime` are those of then. */
  at: number | null;
  /** The segment that is shown. */
  segment: string;
  shared: boolean;
  labels: string[];
  writers: Writer[];
  /** What it was forked from. */
  parent: RunRef | null;
  /** Somebody asked it to stop. */
  stopping: boolean;
  /** In the trash since then. */
  deleted_at: number | null;
  /** What `define_metric` said. */
  metrics: MetricDefinition[];
}

export interface Writer {
  stream: string;
  label: string;
  host: string;
  pid: number;
  begun: number;
  seen: number;
  state: RunState;
  exit_code: number | null;
}

/** Another run, and where the two part. */
export interface RunRef {
  entity: string;
  project: string;
  id: string;
  /** Empty if the run is gone, or not for this reader. */
  name: string;
  state: RunState | "";
  segment: string;
  step: number;
}

/** Something with a place on the timeline that is no row. */
export interface Mark {
  kind: "config" | "file" | "alert" | "state" | "exit";
  step: number;
  time: number;
  segment: string;
  text: string;
}

/** One time that a training wrote to a segment. */
export interface Session {
  stream: string;
  label: string;
  begun: number;
  /** The first step that it was to write. */
  step: number;
  last_step: number | null;
  last_at: number;
  fenced: boolean;
}

export interface RunPatch {
  name?: string;
  notes?: string;
  tags?: string[];
  /** Empty: none. */
  group?: string;
  job_type?: string;
}

export interface Segment {
  id: string;
  parent: string | null;
  parent_step: number | null;
  first_step: number | null;
  last_step: number | null;
  archived: boolean;
  created_at: number;
  /** Path of the run that it was written for; another one for the ancestors of a fork. */
  run: string;
  labels: string[];
  /** Who wrote to it; the second and later ones resumed. */
  sessions: Session[];
}

export type Source = "history" | "system";

export interface Series {
  key: string;
  kind: "float" | "int" | "bool" | "big_int" | "object";
  count: number;
  first_step: number;
  last_step: number;
}

export interface ProjectKeys {
  history: Record<string, number>;
  system: Record<string, number>;
  media: Record<string, number>;
  /** What `define_metric` said. */
  metrics: MetricDefinition[];
}

export interface MetricDefinition {
  name: string;
  step_metric: string | null;
  hidden: boolean;
}

/** A value that some runs of a project have in config or summary: `config.lr`. */
export interface RunColumn {
  name: string;
  /** `number`, `string`, `bool`, `nan`, `null`, `list`, `object`. */
  kinds: string[];
}

/** A key under which a run logged media. */
export interface MediaKey {
  key: string;
  /** `_type` of its first value. */
  type: string;
  count: number;
  first_step: number;
  last_step: number;
}

/** What was logged under a key at one step. */
export interface MediaStep {
  step: number;
  timestamp: number;
  /** W&B's `_type`, as it was logged. */
  type: string;
  items: Record<string, unknown>[];
}

export interface MediaPage {
  items: MediaStep[];
  next: number | null;
}

/** Histograms of a key over the steps, on common bins. */
export interface Histograms {
  steps: number[];
  edges: number[];
  counts: number[][];
}

export interface TablePage {
  step: number;
  columns: string[];
  total: number;
  rows: unknown[][];
  next: number | null;
}

export interface ChartQuery {
  runs: string[];
  key: string;
  source: Source;
  axis: "step" | "time" | "runtime";
  /** Over the values of this metric instead. */
  over?: string;
  lo?: number;
  hi?: number;
  buckets: number;
  /** Another segment than the head, of one run. */
  segment?: string;
  /** Only what the writers of this label wrote, of one run. */
  label?: string;
}

/** A version of a file: the one that is seen from some place, or one of all. */
export interface FileView {
  path: string;
  sha256: string;
  size: number;
  step: number;
  time: number;
  segment: string;
  /** Its number among the versions of this path, from 0. */
  version: number;
  versions: number;
  /** An image of a chart or the like. */
  media: boolean;
}

export interface FilePage extends Page<FileView> {
  /** Records of files that cannot be shown. */
  left_out: number;
}

/** Where on a run's timeline something was done. */
export interface RunPlace {
  entity: string;
  project: string;
  run_id: string;
  name: string;
  segment: string;
  step: number;
  time: number;
}

/** A version of an artifact, as it stands in a collection. */
export interface Artifact {
  id: string;
  entity: string;
  project: string;
  name: string;
  /** null while it is pending. */
  version: number | null;
  type: string;
  state: "pending" | "committed" | "deleted" | "failed";
  digest: string;
  size: number;
  count: number;
  aliases: string[];
  tags: string[];
  description: string | null;
  metadata: Record<string, unknown>;
  /** Seconds. */
  ttl: number | null;
  created_at: number;
  committed_at: number | null;
  user: string;
  /** Of a link: the version that it leads to. */
  source: string;
  logged_by: RunPlace | null;
  problem: string;
  may_write: boolean;
}

export interface Collection {
  entity: string;
  project: string;
  name: string;
  type: string;
  portfolio: boolean;
  description: string | null;
  tags: string[];
  updated_at: number;
  versions: number;
  aliases: Record<string, number>;
}

/** A file of an artifact, or a reference. */
export interface Entry {
  path: string;
  size: number;
  digest: string;
  sha256: string;
  ref: string;
}

export interface LineageNode {
  id: string;
  kind: "artifact" | "run";
  name: string;
  entity: string;
  project: string;
  /** `entity/project/name:v3`, or `entity/project/id`. */
  path: string;
  type: string;
  state: string;
}

export interface LineageEdge {
  source: string;
  target: string;
  step: number;
}

export interface Lineage {
  nodes: LineageNode[];
  edges: LineageEdge[];
  more: boolean;
}

/** A version that a run logged or used. */
export interface RunArtifact {
  artifact: Artifact;
  role: "logged" | "used";
  step: number;
  time: number;
  segment: string;
  used_as: string;
}

export interface ConsoleLine {
  number: number;
  text: string;
  stream: string;
  step: number;
  time: number;
  /** Of its writer, if there are several. */
  label: string;
}

export interface LinePage {
  items: ConsoleLine[];
  total: number;
  next: number | null;
}

export interface Server {
  version: string;
  local: boolean;
}

/** Data of an `event: runs` of a project's live stream. */
export interface RunsEvent {
  runs: { id: string; state: RunState; step: number; updated_at: number }[];
  removed?: string[];
}
