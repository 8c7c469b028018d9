/** The lines that rewind or fork a run at a place, or fetch a file of it, to be pasted into a script or a shell. */

export interface Spot {
  entity: string;
  project: string;
  id: string;
  /** None: the run's own end. */
  step: number;
  /** An archived segment; null: the head. */
  segment: string | null;
  /** The entity of who reads it: theirs need not be named. */
  home: string;
}

const quoted = (text: string): string => JSON.stringify(text);

function where({ entity, project, home }: Spot): string {
  return `${entity === home ? "" : `entity=${quoted(entity)}, `}project=${quoted(project)}`;
}

export function rewindPython(spot: Spot): string {
  return `run = playhead.init(${where(spot)}, resume_from=${quoted(`${spot.id}?_step=${spot.step}`)})`;
}

export function forkPython(spot: Spot): string {
  return `run = playhead.init(${where(spot)}, fork_from=${quoted(`${spot.id}?_step=${spot.step}`)})`;
}

export function rewindShell({ entity, project, id, step, segment }: Spot): string {
  return `playhead rewind ${entity}/${project}/${id}${segment ? ` --to ${segment}` : ""} --step ${step}`;
}

export function forkShell({ entity, project, id, step, home }: Spot): string {
  const owner = entity === home ? "" : ` --entity ${entity}`;
  return `playhead run${owner} --project ${project} --fork-from '${id}?_step=${step}' train.py`;
}

/** Bring the code, config and files of a run back. */
export function restoreShell({ entity, project, id }: Pick<Spot, "entity" | "project" | "id">): string {
  return `playhead restore ${entity}/${project}/${id}`;
}

export interface FileSpot {
  entity: string;
  project: string;
  id: string;
  path: string;
  /** As of this step of the head; null: the newest. */
  step: number | null;
  /** This version, wherever it was saved: it wins. */
  version: number | null;
}

export function restorePython({ entity, project, id, path, step, version }: FileSpot): string {
  const which = version !== null ? `, version=${version}` : step !== null ? `, step=${step}` : "";
  return `playhead.restore(${quoted(path)}, run_path=${quoted(`${entity}/${project}/${id}`)}${which})`;
}
