/** All versions of a file, newest first; a click shows one. Those that the head does not see are paler. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { FileView, Run } from "../api/types";
import { formatBytes, formatDateTime } from "../lib/format";
import { chainOf } from "../lib/timeline";
import type { FileState } from "../state/file";
import { fileAddress } from "../state/place";
import { segments } from "../state/run";
import { Link } from "./Link";

export interface FileVersionsProps {
  run: Run;
  state: FileState;
  shown: FileView | null;
}

export function FileVersions({ run, state, shown }: FileVersionsProps): JSX.Element {
  const list = state.versions.value;
  const { data } = segments.value;
  const limits = useMemo(() => new Map(chainOf(data ?? [], run.head).map((link) => [link.segment.id, link.limit])), [data, run.head]);
  const archived = ({ segment, step }: FileView): boolean => {
    const limit = limits.get(segment);
    return limit === undefined || (limit !== null && step > limit);
  };
  return (
    <section class="file-versions" aria-label="Versions">
      <h3>Versions <span class="count num">{(list[0]?.versions ?? list.length).toLocaleString("en")}</span></h3>
      <ol>
        {list.map((one) => (
          <li key={one.version}>
            <Link
              href={fileAddress(one.path, one.version)} class={`file-version num${archived(one) ? " archived" : ""}`}
              aria-current={one.version === shown?.version ? "true" : undefined}
            >
              <span>{one.version}</span>
              <span>step {one.step.toLocaleString("en")}</span>
              <span>{formatBytes(one.size)}</span>
              <span class="file-when">{formatDateTime(one.time)}</span>
              <span class="mono" title={`segment ${one.segment}`}>{one.segment.slice(0, 10)}{archived(one) && ", archived"}</span>
            </Link>
          </li>
        ))}
      </ol>
      {state.next.value !== null && <button type="button" class="button" onClick={() => void state.more()}>Show older ones</button>}
    </section>
  );
}
