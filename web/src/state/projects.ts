/** The projects on the home page, and the runs that are at work in them. Looked at again every few seconds. */

import { signal } from "@preact/signals";
import { getProjects, getRuns } from "../api/resources";
import type { Project, Run } from "../api/types";
import { isAtWork } from "../lib/states";
import { allPages } from "../lib/pages";
import { load, loading } from "./loading";

const MAX_PROJECTS = 2_000;
const EVERY = 4_000;
/** Projects whose live runs are listed, and how many runs of each are looked at. */
const BUSY = 8;
const RUNS = 50;

/** Newest activity first. */
export const projects = loading<Project[]>();
export const running = signal<Run[]>([]);

/** Keeps the home page fresh; the answer stops it. */
export function watchProjects(): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = (): boolean => !stopped;
  const look = async (): Promise<void> => {
    if (document.visibilityState === "visible") {
      // Both are shown at once, or the list would jump down when what runs stands above it.
      let found: Run[] = [];
      await load(projects, async () => {
        const all = await fetchProjects();
        found = await fetchRunning(all);
        return all;
      }, alive);
      if (!stopped && !projects.value.error) running.value = found;
    }
    if (!stopped) timer = setTimeout(() => void look(), EVERY);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Look at the projects once. */
export function lookAtProjects(): Promise<void> {
  return load(projects, fetchProjects);
}

async function fetchProjects(): Promise<Project[]> {
  const { items } = await allPages(getProjects, MAX_PROJECTS);
  return items.toSorted((a, b) => b.updated_at - a.updated_at);
}

async function fetchRunning(all: readonly Project[]): Promise<Run[]> {
  const busy = all.filter((project) => project.running > 0).slice(0, BUSY);
  const pages = await Promise.all(busy.map(({ entity, name }) => getRuns(entity, name, { limit: RUNS, values: [] }).catch(() => ({ items: [] as Run[] }))));
  return pages.flatMap((page) => page.items.filter(isAtWork)).toSorted((a, b) => b.started_at - a.started_at);
}
