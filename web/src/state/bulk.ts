/** Something done to many runs, some at a time; how far it is, and what went wrong. */

import { signal } from "@preact/signals";
import { moveRun, patchRun, stopRun } from "../api/resources";
import type { Run } from "../api/types";
import { messageOf } from "../lib/message";
import { isAtWork } from "../lib/states";
import { forgetRun, learnRun, place, runs as list } from "./project";
import { select } from "./runlist";
import { throwAway } from "./trash";

const AT_ONCE = 6;

export interface Progress {
  done: number;
  of: number;
  problem: string | null;
}

/** null: nothing is being done. */
export const progress = signal<Progress | null>(null);

/** Runs that were moved last, as they were before, and where they are now. */
export const moved = signal<{ runs: readonly Run[]; to: string } | null>(null);

let last: Promise<void> = Promise.resolve();

/** One thing after another: what is asked for meanwhile waits. */
function each(runs: readonly Run[], deed: (run: Run) => Promise<void>): Promise<void> {
  last = last.then(() => all(runs, deed));
  return last;
}

async function all(runs: readonly Run[], deed: (run: Run) => Promise<void>): Promise<void> {
  // As they are by now: what was asked for before has changed them.
  const now = new Map(list.peek().data?.map((run) => [run.id, run]));
  const waiting = runs.map((run) => now.get(run.id) ?? run);
  const state: Progress = { done: 0, of: runs.length, problem: null };
  progress.value = state;
  const worker = async (): Promise<void> => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      try {
        await deed(run);
      } catch (error) {
        state.problem = `${run.name}: ${messageOf(error)}`;
      }
      state.done += 1;
      progress.value = { ...state };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (!state.problem) progress.value = null;
}

/** Put a tag on runs, or take it off. */
export function tagRuns(runs: readonly Run[], tag: string, on: boolean): Promise<void> {
  const wanted = runs.filter((run) => run.may_write && run.tags.includes(tag) !== on);
  return each(wanted, async (run) => {
    const tags = on ? [...run.tags, tag] : run.tags.filter((other) => other !== tag);
    learnRun(await patchRun(run.entity, run.project, run.id, { tags }));
  });
}

/** Put runs into a group, or say what kind of job they are; an empty text takes that away. */
export function groupRuns(runs: readonly Run[], field: "group" | "job_type", to: string): Promise<void> {
  const wanted = runs.filter((run) => run.may_write && (run[field] ?? "") !== to);
  return each(wanted, async (run) => learnRun(await patchRun(run.entity, run.project, run.id, { [field]: to })));
}

/** Those of the runs that can be asked to stop. */
export function stoppable(runs: readonly Run[]): Run[] {
  return runs.filter((run) => run.may_write && isAtWork(run) && !run.stopping);
}

/** Ask their trainings to stop. */
export function stopRuns(runs: readonly Run[]): Promise<void> {
  return each(runs, async (run) => learnRun(await stopRun(run.entity, run.project, run.id)));
}

/** Those of the runs that can be moved to another project. */
export function movable(runs: readonly Run[]): Run[] {
  return runs.filter((run) => run.may_write && !isAtWork(run));
}

/** Move runs to another project. */
export async function moveRuns(runs: readonly Run[], project: string): Promise<void> {
  const here = place.peek();
  const gone: Run[] = [];
  await each(runs, async (run) => {
    await moveRun(run.entity, run.project, run.id, project);
    // Whoever went there meanwhile sees it.
    if (place.peek() === here) forgetRun(run.id);
    select([run.id], false);
    gone.push(run);
  });
  if (gone.length) moved.value = { runs: gone, to: project };
}

/** Put runs into the trash. */
export function deleteRuns(runs: readonly Run[]): Promise<void> {
  return each(runs.filter((run) => run.may_write), throwAway);
}
