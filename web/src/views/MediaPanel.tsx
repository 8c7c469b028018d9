/** One key's media: what was logged last where the playhead stands. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { MediaKey, Run } from "../api/types";
import { useOnScreen } from "../charts/onScreen";
import type { MediaKeysState } from "../state/mediakeys";
import { segment, step } from "../state/place";
import { MediaItem } from "./media/MediaItem";

export interface MediaPanelProps {
  run: Run;
  of: MediaKey;
  keys: MediaKeysState;
}

const wide = new Set(["table-file", "incremental-table-file", "html-file", "plotly-file", "custom-chart"]);

export function MediaPanel({ run, of, keys }: MediaPanelProps): JSX.Element {
  const card = useRef<HTMLElement>(null);
  const seen = useRef(false);
  seen.current ||= useOnScreen(card);
  return (
    <section class={`card media${wide.has(of.type) ? " wide" : ""}`} ref={card} aria-label={`Media of ${of.key}`} data-media={of.key}>
      {seen.current ? <Shown run={run} of={of} keys={keys} /> : <Head name={of.key} />}
    </section>
  );
}

function Head({ name, at }: { name: string; at?: number }): JSX.Element {
  return (
    <header class="chart-head">
      <h2 class="media-name" title={name}>{name}</h2>
      {at !== undefined && <span class="soft num">Step {at.toLocaleString("en")}</span>}
    </header>
  );
}

function Shown({ run, of, keys }: MediaPanelProps): JSX.Element {
  const state = keys.state(of.key);
  const here = step.value;
  const steps = state.steps.value;
  const now = here === null ? steps.at(-1) : steps.findLast((one) => one.step <= here);
  if (state.error.value) return <><Head name={of.key} /><p class="error pad">{state.error.value}</p></>;
  if (!now) return <><Head name={of.key} /><p class="soft pad">{steps[0] ? `None yet: the first is of step ${steps[0].step.toLocaleString("en")}.` : ""}</p></>;
  return (
    <>
      <Head name={of.key} at={now.step} />
      <div class="media-images large">
        {now.items.map((item, place) => <MediaItem key={place} run={run} item={item} place={{ key: of.key, step: now.step, item: place, segment: segment.value ?? undefined }} />)}
      </div>
    </>
  );
}
