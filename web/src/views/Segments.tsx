/** The segments that a run consists of, newest first, each with its immutable id. */

import type { JSX } from "preact";
import { formatDateTime } from "../lib/format";
import { segments } from "../state/run";
import { Copy } from "./Copy";

export function Segments({ head }: { head: string }): JSX.Element | null {
  const list = segments.value.data;
  if (!list?.length) return null;
  return (
    <section class="card panel">
      <h2>Segments</h2>
      <ol class="segments">
        {[...list].toReversed().map((segment) => (
          <li key={segment.id} class={segment.archived ? "archived" : ""}>
            <span class="segment-id mono">
              {segment.id} <Copy text={segment.id} what="the segment's immutable id" />
            </span>
            <span class="soft num">
              {segment.id === head ? "head, " : segment.archived ? "archived, " : ""}
              {segment.last_step === null ? "no steps" : `steps ${segment.first_step ?? 0}–${segment.last_step}`}
              {segment.parent && `, from step ${segment.parent_step ?? 0} of ${segment.parent.slice(0, 8)}…`}, {formatDateTime(segment.created_at)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
