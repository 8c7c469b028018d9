/** Tags of the selected runs: put one on all of them, take one off all of them. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import { focused } from "../lib/focused";
import { tagRuns } from "../state/bulk";
import { CrossIcon } from "./icons";
import { Popover } from "./Popover";

const MOST = 30;

export function BulkTags({ runs }: { runs: readonly Run[] }): JSX.Element {
  const [draft, setDraft] = useState("");
  const counts = new Map<string, number>();
  for (const run of runs) for (const tag of run.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const add = (event: Event): void => {
    event.preventDefault();
    const tag = draft.trim();
    setDraft("");
    if (tag) void tagRuns(runs, tag, true);
  };
  return (
    <Popover label="Tags">
      {() => (
        <form class="bulk-tags" onSubmit={add}>
          <span class="keys-new">
            <input type="text" aria-label="Tag for all of them" placeholder="A tag for all of them" maxLength={64} ref={focused} value={draft} onInput={(event) => setDraft(event.currentTarget.value)} />
            <button type="submit" class="button primary" disabled={!draft.trim()}>Add</button>
          </span>
          <span class="tags">
            {[...counts].toSorted((a, b) => b[1] - a[1]).slice(0, MOST).map(([tag, count]) => (
              <span key={tag} class="tag">
                <span class="ellipsis">{tag}</span> <span class="count num">{count}</span>
                <button type="button" aria-label={`Take the tag ${tag} off them`} onClick={() => void tagRuns(runs, tag, false)}><CrossIcon /></button>
              </span>
            ))}
          </span>
        </form>
      )}
    </Popover>
  );
}
