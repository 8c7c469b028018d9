/** Something done to many runs, some at a time; how far it is, and what went wrong. */

import { signal } from "@preact/signals";
import { patchRun } from "../api/resources";
import type { Run } from "../api/types";
import { learnRun } from "./project";
import { throwAway } from "./trash";

const AT_ONCE = 6;

export interface Progress {
  done: number;
  of: number;
  problem: string | null;
}

/** null: nothing is being done. */
export const progress = signal<Progress | null>(null);

async function each(runs: readonly Run[], deed: (run: Run) => Promise<void>): Promise<void> {
  if (progress.value && progress.value.done < progress.value.of) return;
  const waiting = [...runs];
  const state: Progress = { done: 0, of: runs.length, problem: null };
  progress.value = state;
  const worker = async (): Promise<void> => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      try {
        await deed(run);
      } catch (error) {
        state.problem = `${run.name}: ${error instanceof Error ? error.message : String(error)}`;
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

/** Put runs into the trash. */
export function deleteRuns(runs: readonly Run[]): Promise<void> {
  return each(runs.filter((run) => run.may_write), throwAway);
}
