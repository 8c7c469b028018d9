/** A project's trash: what was deleted, to be restored, or deleted for ever. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { formatAgo, plural } from "../lib/format";
import { projectPath } from "../lib/routes";
import { now } from "../state/clock";
import { destroy, openTrash, restore, trash } from "../state/trash";
import { Confirm } from "./Confirm";
import { NotHere } from "./Problem";
import { StateMark } from "./State";
import { Link } from "./Link";
import { useDeed } from "./useDeed";

export function TrashPage({ entity, project }: { entity: string; project: string }): JSX.Element {
  useEffect(() => openTrash(entity, project), []);
  const { data, error } = trash.value;
  if (!data) return <NotHere error={error} retry={() => openTrash(entity, project)} />;
  return (
    <main class="home trash-page" id="main">
      <h1>Trash of {project}</h1>
      {data.length ? (
        <ul class="card list">
          {data.map((run) => (
            <Thrown key={run.id} run={run} />
          ))}
        </ul>
      ) : (
        <section class="card panel">
          <h2>The trash is empty</h2>
          <p class="soft">A run that is deleted lies here until somebody restores it or deletes it for ever.</p>
        </section>
      )}
      <span>
        <Link href={projectPath(entity, project)} class="button">Back to {project}</Link>
      </span>
    </main>
  );
}

function Thrown({ run }: { run: Run }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const { problem, attempt } = useDeed();
  return (
    <li class="list-row" data-run={run.id}>
      <StateMark state={run.state} />
      <span class="list-name">{run.name}</span>
      <span class="soft ellipsis num">
        {plural(run.step, "step")}, thrown away {formatAgo(run.deleted_at ?? 0, now.value)}
      </span>
      {problem && <span class="error" role="alert">{problem}</span>}
      {run.may_write && (
        <span class="list-end">
          {asking ? (
            <Confirm label={`Delete ${run.name} for ever`} yes="Delete for ever" onYes={() => void attempt(() => destroy(run))} onNo={() => setAsking(false)} />
          ) : (
            <>
              <button type="button" class="button" aria-label={`Restore ${run.name}`} onClick={() => void attempt(() => restore(run))}>Restore</button>
              <button type="button" class="button" aria-label={`Delete ${run.name} for ever`} onClick={() => setAsking(true)}>Delete…</button>
            </>
          )}
        </span>
      )}
    </li>
  );
}
