/** What the run was forked from, and what was forked from it. */

import type { JSX } from "preact";
import type { Run, RunRef } from "../api/types";
import { runPath } from "../lib/routes";
import { children } from "../state/run";
import { Link } from "./Link";
import { StateMark } from "./State";

export function Lineage({ run }: { run: Run }): JSX.Element | null {
  const forks = children.value.data ?? [];
  const { parent } = run;
  if (!parent && !forks.length) return null;
  return (
    <section class="card panel" aria-label="Lineage">
      <h2>Lineage</h2>
      <ul class="lineage">
        {parent && (
          <li>
            <span class="soft">Forked from</span> {parent.name ? <Reference to={parent} at={parent.step} /> : <span class="mono">{parent.id}</span>}
            <span class="soft num"> at step {parent.step.toLocaleString("en")}</span>
          </li>
        )}
        {forks.map((child) => (
          <li key={`${child.entity}/${child.project}/${child.id}`}>
            <span class="soft">Forked into</span> <Reference to={child} />
            <span class="soft num"> at step {child.step.toLocaleString("en")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reference({ to, at }: { to: RunRef; at?: number }): JSX.Element {
  return (
    <>
      {to.state && <StateMark state={to.state} />}
      <Link href={runPath(to.entity, to.project, to.id) + (at === undefined || at < 0 ? "" : `?step=${at}`)}>{to.name || to.id}</Link>
    </>
  );
}
