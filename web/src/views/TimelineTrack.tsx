/** The track under the transport bar: lanes of segments, marks, labels, and the playhead, which any place of it takes hold of. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Run } from "../api/types";
import { formatTicks } from "../lib/format";
import { axisSteps, type Layout } from "../lib/timeline";
import { lastStep } from "../state/moment";
import { moveTo } from "../state/place";
import { pause } from "../state/player";
import { TimelineForks } from "./TimelineForks";
import { TimelineHandle } from "./TimelineHandle";
import { TimelineLanes } from "./TimelineLanes";
import { TimelineMarks } from "./TimelineMarks";

export function TimelineTrack({ run, layout }: { run: Run; layout: Layout }): JSX.Element {
  const track = useRef<HTMLDivElement>(null);
  const handle = useRef<HTMLDivElement>(null);
  const dragging = useRef(false);
  const last = Math.max(1, layout.last);

  const moveToPointer = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect();
    const end = lastStep.peek();
    if (!box || end === null) return;
    const at = Math.max(0, Math.round(((event.clientX - box.left) / box.width) * last));
    // The end is now, where a run at work is live.
    moveTo(at >= end ? null : at);
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest("a, button"))) return;
    event.preventDefault();
    pause();
    dragging.current = true;
    track.current?.setPointerCapture(event.pointerId);
    handle.current?.focus({ preventScroll: true });
    moveToPointer(event);
  };
  const up = (): void => {
    dragging.current = false;
  };
  return (
    <div
      class="track" ref={track} onPointerDown={down} onPointerMove={(event) => dragging.current && moveToPointer(event)}
      onPointerUp={up} onPointerCancel={up} onLostPointerCapture={up}
    >
      <TimelineLanes run={run} layout={layout} />
      <TimelineMarks run={run} last={last} />
      <TimelineForks run={run} layout={layout} />
      <Axis last={layout.last} />
      <TimelineHandle handle={handle} last={last} />
    </div>
  );
}

function Axis({ last }: { last: number }): JSX.Element {
  const steps = axisSteps(last);
  const texts = last < 100_000 ? steps.map((one) => one.toLocaleString("en")) : formatTicks(steps);
  return (
    <div class="track-axis num" aria-hidden="true">
      {steps.map((one, index) => (
        <span key={one} style={{ left: `${(one / Math.max(1, last)) * 100}%` }} class={index === steps.length - 1 && index > 0 ? "last" : index === 0 ? "first" : ""}>
          {texts[index]}
        </span>
      ))}
    </div>
  );
}
