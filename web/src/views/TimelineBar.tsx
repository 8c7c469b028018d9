/** The transport bar: play, the step to type, back to now, where one is, and what can be done from here. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { isAtWork } from "../lib/states";
import { segmentAt } from "../lib/timeline";
import { atNow, chain, lastStep, shownSegment } from "../state/moment";
import { moveTo, openSegment, segment, step } from "../state/place";
import { pause, play, playing } from "../state/player";
import { turn } from "../state/run";
import { Copy } from "./Copy";
import { EndIcon, PauseIcon, PlayIcon } from "./icons";
import { ForkHere } from "./ForkHere";
import { RewindHere } from "./RewindHere";
import { useDeed } from "./useDeed";

export function TimelineBar({ run }: { run: Run }): JSX.Element {
  const end = lastStep.value ?? 0;
  const at = step.value ?? end;
  const id = step.value === null ? shownSegment.value : (segmentAt(chain.value, at)?.id ?? shownSegment.value);
  const live = isAtWork(run);
  const type = (text: string): void => {
    pause();
    const to = Number(text);
    if (text === "" || !Number.isFinite(to)) return;
    moveTo(to >= end ? null : Math.max(0, Math.floor(to)));
  };
  const back = (): void => {
    pause();
    if (segment.peek() === null) moveTo(null);
    else openSegment(null);
  };
  return (
    <div class="transport" role="toolbar" aria-label="Playhead">
      <button type="button" class="icon-button play" onClick={playing.value ? pause : play} aria-label={playing.value ? "Pause" : "Play"} title={playing.value ? "Pause (Space)" : "Play (Space)"}>
        {playing.value ? <PauseIcon /> : <PlayIcon />}
      </button>
      <label class="step-field num">
        <span>Step</span>
        <input type="number" min={0} max={end} value={at} aria-label="Step of the playhead" onChange={(event) => type(event.currentTarget.value)} />
        <span class="soft">of {end.toLocaleString("en")}</span>
      </label>
      {atNow.value ? live && <span class="at-now">live</span> : (
        <button type="button" class="chip back-to-now" onClick={back}>
          <EndIcon /> Back to now
        </button>
      )}
      <span class="toolbar-space" />
      <HereSegment run={run} id={id} />
      <RewindHere run={run} step={at} />
      <ForkHere run={run} step={at} />
    </div>
  );
}

/** The segment that the step was written in; of an archived one, the way to make it the head. */
function HereSegment({ run, id }: { run: Run; id: string }): JSX.Element {
  const { problem, attempt } = useDeed();
  const opened = segment.value;
  const makeHead = () => attempt(async () => {
    await turn({ segment: opened ?? id });
    openSegment(null);
  });
  const archived = opened !== null && opened !== run.head;
  return (
    <span class="here-segment">
      <span class="soft">{archived ? "Archived segment" : "Segment"}</span> <span class="mono" title={id}>{id.slice(0, 10)}</span>
      <Copy text={id} what="the segment's immutable id" />
      {archived && run.may_write && <button type="button" class="link" onClick={() => void makeHead()}>Make it the head</button>}
      {problem && <span class="error" role="alert">{problem}</span>}
    </span>
  );
}
