/** Images, tables and the like of one key of a run: the newest where the playhead stands, and a slider over all of them. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { useOwned } from "../charts/useOwned";
import { MediaState } from "../state/media";
import { segment, step as playhead } from "../state/place";
import { MediaItem } from "./media/MediaItem";
import { useMoved } from "./useMoved";

export function RunMedia({ run, mediaKey }: { run: Run; mediaKey: string }): JSX.Element | null {
  const state = useOwned(() => new MediaState(run.entity, run.project, run.id, mediaKey, segment.peek()));
  const [chosen, setChosen] = useState<number | null>(null);
  useMoved(run.id, () => state.moved());
  const at = playhead.value;
  useEffect(() => setChosen(null), [at]);
  const steps = state.steps.value;
  // Until somebody moves the slider, what is shown is what was the newest where the playhead stands.
  const newest = at === null ? steps.length - 1 : steps.findLastIndex((one) => one.step <= at);
  const index = Math.min(chosen ?? newest, steps.length - 1);
  const step = steps[index];
  if (state.error.value) return <p class="error">{state.error.value}</p>;
  if (!step) return steps[0] ? <NotYet mediaKey={mediaKey} first={steps[0].step} /> : null;
  return (
    <section class="card media" aria-label={`Media of ${mediaKey}`} data-media={mediaKey}>
      <header class="chart-head">
        <h3 title={mediaKey}>{mediaKey}</h3>
        <span class="soft num">Step {step.step.toLocaleString("en")}</span>
      </header>
      <div class="media-images large">
        {step.items.map((item, place) => (
          <MediaItem key={place} run={run} item={item} place={{ key: mediaKey, step: step.step, item: place, segment: segment.value ?? undefined }} />
        ))}
      </div>
      {steps.length > 1 && (
        <input
          type="range" class="media-slider" min="0" max={steps.length - 1} value={index} aria-label={`Step of ${mediaKey}`} aria-valuetext={`Step ${step.step}`}
          onInput={(event) => {
            const next = Number(event.currentTarget.value);
            setChosen(next === newest ? null : next);
          }}
        />
      )}
    </section>
  );
}

function NotYet({ mediaKey, first }: { mediaKey: string; first: number }): JSX.Element {
  return (
    <section class="card media" aria-label={`Media of ${mediaKey}`} data-media={mediaKey}>
      <header class="chart-head">
        <h3 title={mediaKey}>{mediaKey}</h3>
      </header>
      <p class="soft pad">None yet: the first is of step {first.toLocaleString("en")}.</p>
    </section>
  );
}
