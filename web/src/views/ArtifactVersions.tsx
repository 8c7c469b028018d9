/** The versions of an artifact, the newest first. */

import type { JSX } from "preact";
import { formatAgo, formatBytes, formatDateTime } from "../lib/format";
import { artifactPath } from "../lib/routes";
import type { VersionsState } from "../state/artifacts";
import { now } from "../state/clock";
import { Link } from "./Link";

export interface ArtifactVersionsProps {
  entity: string;
  project: string;
  name: string;
  state: VersionsState;
  /** `v3` or an alias. */
  open: string | null;
}

export function ArtifactVersions({ entity, project, name, state, open }: ArtifactVersionsProps): JSX.Element {
  const versions = state.versions.value.data ?? [];
  return (
    <div class="file-versions">
      <h3>Versions</h3>
      <ol>
        {versions.map((one) => (
          <li key={one.version}>
            <Link
              class="artifact-version" href={artifactPath(entity, project, name, `v${one.version}`)}
              aria-current={`v${one.version}` === open || one.aliases.includes(open ?? "") ? "true" : undefined}
            >
              <span class="num">v{one.version}</span>
              <span class="artifact-aliases">{one.aliases.map((alias) => <span key={alias} class="tag alias">{alias}</span>)}</span>
              <span class="num">{formatBytes(one.size)}</span>
              <span class="soft ellipsis">{one.logged_by ? `${one.logged_by.name}, step ${one.logged_by.step.toLocaleString("en")}` : ""}</span>
              <span class="num soft file-when" title={formatDateTime(one.committed_at ?? one.created_at)}>{formatAgo(one.committed_at ?? one.created_at, now.value)}</span>
            </Link>
          </li>
        ))}
      </ol>
      {state.next.value !== null && <button type="button" class="button" onClick={() => void state.fetch()}>Show older versions</button>}
    </div>
  );
}
