/** What the server answers (src/playhead/wire/views.py). Times are microseconds since 1970, durations seconds. */

export interface Viewer {
  username: string;
  entity: string;
  admin: boolean;
  entities: string[];
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

export type RunState = "running" | "finished" | "failed" | "crashed" | "killed" | "preempting" | "preempted";

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
}

export interface RunPatch {
  name?: string;
  notes?: string;
  tags?: string[];
}

export interface Segment {
  id: string;
  parent: string | null;
  parent_step: number | null;
  first_step: number | null;
  last_step: number | null;
  archived: boolean;
  created_at: number;
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
}

export interface ChartQuery {
  runs: string[];
  key: string;
  source: Source;
  axis: "step" | "time" | "runtime";
  lo?: number;
  hi?: number;
  buckets: number;
}

export interface ConsoleLine {
  number: number;
  text: string;
  stream: string;
  step: number;
  time: number;
}

export interface LinePage {
  items: ConsoleLine[];
  total: number;
  next: number | null;
}

export interface Row {
  _step: number;
  _timestamp?: number;
  [key: string]: unknown;
}

export interface RowPage {
  items: Row[];
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
