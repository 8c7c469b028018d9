/** The segments that a run consists of, newest first, each with its immutable id: to be opened, and to become the head. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run, Segment } from "../api/types";
import { formatDateTime } from "../lib/format";
import { resumesOf } from "../lib/timeline";
import { shownSegment } from "../state/moment";
import { openSegment } from "../state/place";
import { segments, turn } from "../state/run";
import { Copy } from "./Copy";
import { Link } from "./Link";
import { useDeed } from "./useDeed";

const FIRST = 12;

export function Segments({ run }: { run: Run }): JSX.Element | null {
  const [limit, setLimit] = useState(FIRST);
  const list = (segments.value.data ?? []).toReversed();
  if (!list.length) return null;
  return (
    <section class="card panel" aria-label="Segments">
      <h2>
        Segments <span class="count num">{list.length}</span>
      </h2>
      <ol class="segments">
        {list.slice(0, limit).map((segment) => (
          <Row key={segment.id} run={run} segment={segment} />
        ))}
      </ol>
      {list.length > limit && (
        <button type="button" class="button" onClick={() => setLimit(limit + 200)}>
          Show more of {list.length}
        </button>
      )}
    </section>
  );
}

function Row({ run, segment }: { run: Run; segment: Segment }): JSX.Element {
  const { problem, attempt } = useDeed();
  const isHead = segment.id === run.head;
  const own = segment.run === `${run.entity}/${run.project}/${run.id}`;
  const resumed = resumesOf(segment.sessions).length;
  const makeHead = () => attempt(async () => {
    await turn({ segment: segment.id });
    openSegment(null);
  });
  return (
    <li class={isHead ? "" : "archived"} data-segment={segment.id}>
      <span class="segment-id mono">
        {segment.id} <Copy text={segment.id} what="the segment's immutable id" />
      </span>
      <span class="soft num">
        {isHead ? "head, " : segment.archived ? "archived, " : ""}
        {segment.last_step === null ? "no steps" : `steps ${segment.first_step ?? 0}–${segment.last_step}`}
        {segment.parent && `, from step ${segment.parent_step ?? 0} of ${segment.parent.slice(0, 8)}…`}
        {resumed > 0 && `, resumed ${resumed === 1 ? "once" : `${resumed} times`}`}
        {segment.labels.length > 0 && `, ${segment.labels.join(", ")}`}, {formatDateTime(segment.created_at)}
      </span>
      {!own && <Link class="link" href={`/${segment.run.split("/").slice(0, 2).join("/")}/runs/${segment.run.split("/")[2] ?? ""}`}>of {segment.run.split("/")[2]}</Link>}
      {own && !isHead && (
        <span class="segment-deeds">
          {shownSegment.value === segment.id ? <button type="button" class="link" onClick={() => openSegment(null)}>Back to the head</button>
            : <button type="button" class="link" onClick={() => openSegment(segment.id)}>Open</button>}
          {run.may_write && <button type="button" class="link" onClick={() => void makeHead()}>Make it the head</button>}
        </span>
      )}
      {problem && <span class="error" role="alert">{problem}</span>}
    </li>
  );
}
