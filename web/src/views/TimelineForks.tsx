/** Where the run was forked from another one, and where others were forked from it: links, on the lane that they leave. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { runPath } from "../lib/routes";
import { cluster, type Layout, limbAt } from "../lib/timeline";
import { children } from "../state/run";
import { ForkIcon } from "./icons";
import { Link } from "./Link";

const LANE = 13;
/** Lanes that are surely in sight. */
const FEW = 4;

export function TimelineForks({ run, layout }: { run: Run; layout: Layout }): JSX.Element {
  const last = Math.max(1, layout.last);
  const at = (step: number): string => `${(Math.min(step, last) / last) * 100}%`;
  const forks = cluster(children.value.data ?? [], (child) => child.step, last, 60);
  const { parent } = run;
  return (
    <>
      {parent && (
        <Link
          class="fork from" href={`${runPath(parent.entity, parent.project, parent.id)}?step=${Math.max(0, parent.step)}`} style={{ left: at(Math.max(0, parent.step)) }}
          title={`Forked from ${parent.name || parent.id} at step ${parent.step}`} aria-label={`Forked from ${parent.name || parent.id} at step ${parent.step}`}
        >
          <ForkIcon />
        </Link>
      )}
      {forks.map(({ step, items: [first, ...more] }) => {
        if (!first) return null;
        const lane = limbAt(layout, first.segment, step)?.lane ?? 0;
        const words = `Forked at step ${step} into ${[first, ...more].map((child) => child.name || child.id).join(", ")}`;
        const href = more.length ? runPath(run.entity, run.project, run.id, "overview") : runPath(first.entity, first.project, first.id);
        return (
          <Link key={step} class="fork into" href={href} style={{ left: at(step), top: `${Math.min(lane, FEW - 1) * LANE}px` }} title={words} aria-label={words}>
            <ForkIcon />
          </Link>
        );
      })}
    </>
  );
}
