/** Says that runs were moved to another project, and leads there. */

import type { JSX } from "preact";
import { projectPath } from "../lib/routes";
import { moved } from "../state/bulk";
import { CrossIcon } from "./icons";
import { Link } from "./Link";

export function MovedNotice({ entity, project }: { entity: string; project: string }): JSX.Element | null {
  const { runs = [], to = "" } = moved.value ?? {};
  const [first] = runs;
  if (first?.entity !== entity || first.project !== project) return null;
  return (
    <div class="notice" role="status">
      <span class="ellipsis">
        {runs.length > 1 ? `${runs.length.toLocaleString("en")} runs are` : `${first.name} is`} in <Link href={projectPath(entity, to)} class="link">{to}</Link> now.
      </span>
      <button type="button" class="icon-button" aria-label="Hide this" onClick={() => (moved.value = null)}>
        <CrossIcon />
      </button>
    </div>
  );
}
