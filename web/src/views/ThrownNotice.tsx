/** Says that runs were put into the trash, and takes them back out. */

import type { JSX } from "preact";
import { restore, thrown } from "../state/trash";
import { CrossIcon } from "./icons";
import { useDeed } from "./useDeed";

export function ThrownNotice({ entity, project }: { entity: string; project: string }): JSX.Element | null {
  const { problem, attempt } = useDeed();
  const gone = thrown.value.filter((run) => run.entity === entity && run.project === project);
  const [first] = gone;
  if (!first) return null;
  const undo = () => attempt(async () => {
    for (const run of gone) await restore(run);
  });
  return (
    <div class="notice" role="status">
      <span class="ellipsis">{problem ?? (gone.length > 1 ? `${gone.length.toLocaleString("en")} runs are in the trash.` : `${first.name} is in the trash.`)}</span>
      <button type="button" class="link" onClick={() => void undo()}>Undo</button>
      <button type="button" class="icon-button" aria-label="Hide this" onClick={() => (thrown.value = [])}>
        <CrossIcon />
      </button>
    </div>
  );
}
