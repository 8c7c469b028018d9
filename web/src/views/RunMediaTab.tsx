/** What a run logged beside numbers: images, tables, histograms and more, scrubbed together by the playhead. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import { useOwned } from "../charts/useOwned";
import { matches } from "../lib/search";
import { MediaKeysState } from "../state/mediakeys";
import { moveTo, segment, step } from "../state/place";
import { Empty, Nothing } from "./Empty";
import { SearchField } from "./SearchField";
import { MediaPanel } from "./MediaPanel";
import { Problem } from "./Problem";
import { useMoved } from "./useMoved";
import { Waiting } from "./Waiting";

export function RunMediaTab({ run }: { run: Run }): JSX.Element {
  const state = useOwned(() => new MediaKeysState(run.entity, run.project, run.id, segment.peek()));
  const [filter, setFilter] = useState("");
  useMoved(run.id, () => state.moved());
  const keys = state.keys.value;
  if (!keys) return state.error.value ? <Problem message={state.error.value} /> : <Waiting />;
  if (!keys.length) {
    return run.finished_at === null ? <Empty title="No media yet" text="Images, tables, histograms, sound, video and HTML that a run logs are shown here by step." project={run.project} line={'run.log({"sample": playhead.Image(pixels)})'} />
      : <Nothing title="No media" text="This run logged numbers and texts only." />;
  }
  const found = keys.filter((one) => matches(filter, [one.key]));
  return (
    <div class="run-charts">
      <div class="toolbar" role="toolbar" aria-label="Media">
        <SearchField label="Find media" value={filter} onInput={setFilter} />
        <Scrubber steps={state.steps.value} />
      </div>
      {!found.length && <p class="soft pad">Nothing has “{filter}” in its name.</p>}
      <div class="media-panels media-tab">
        {found.map((one) => <MediaPanel key={one.key} run={run} of={one} keys={state} />)}
      </div>
    </div>
  );
}

/** From one step that has something to the next: all panels go along, for it is the playhead that moves. */
function Scrubber({ steps }: { steps: readonly number[] }): JSX.Element | null {
  if (steps.length < 2) return null;
  const here = step.value;
  const at = here === null ? steps.length - 1 : Math.max(0, steps.findLastIndex((one) => one <= here));
  const go = (to: number): void => moveTo(to >= steps.length - 1 ? null : (steps[to] ?? null));
  return (
    <label class="scrubber">
      <span class="soft num">Step {(steps[at] ?? 0).toLocaleString("en")}</span>
      <input type="range" min="0" max={steps.length - 1} value={at} aria-label="Step of all media" aria-valuetext={`Step ${steps[at]}`} onInput={(event) => go(Number(event.currentTarget.value))} />
    </label>
  );
}
