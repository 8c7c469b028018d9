/** A run that is not there, or not any more: the trash may have it. */

import type { JSX } from "preact";
import { projectPath, trashPath } from "../lib/routes";
import { Link } from "./Link";

export function RunGone({ entity, project, what }: { entity: string; project: string; what: string }): JSX.Element {
  const trashed = what.includes("trash");
  return (
    <main class="centre" id="main">
      <h1>Not found</h1>
      <p class="soft">{what}</p>
      {!trashed && <p class="soft">Has its training just begun? Then it appears here by itself.</p>}
      <span class="buttons">
        <Link href={projectPath(entity, project)} class="button">
          {project}
        </Link>
        {trashed && (
          <Link href={trashPath(entity, project)} class="button">
            Trash
          </Link>
        )}
      </span>
    </main>
  );
}
