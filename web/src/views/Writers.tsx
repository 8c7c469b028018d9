/** Who writes to a run that several processes share, or wrote to it last. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { formatAgo } from "../lib/format";
import { now } from "../state/clock";
import { StateMark } from "./State";

export function Writers({ run }: { run: Run }): JSX.Element | null {
  const { writers } = run;
  if (!writers.length || (writers.length === 1 && !run.shared)) return null;
  return (
    <section class="card panel" aria-label="Writers">
      <h2>
        Writers <span class="count num">{writers.length}</span>
      </h2>
      <ul class="writers">
        {writers.map((writer) => (
          <li key={writer.stream}>
            <StateMark state={writer.state} />
            <span class="writer-label">{writer.label || writer.stream.slice(0, 8)}</span>
            <span class="soft ellipsis">
              {writer.host}
              {writer.pid > 0 && `, process ${writer.pid}`}
            </span>
            <span class="faint num">{writer.exit_code === null ? formatAgo(writer.seen, now.value) : `exit code ${writer.exit_code}`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
