/** The playhead: a line over all lanes, with a handle that the keyboard moves as well. */

import type { JSX, RefObject } from "preact";
import { markText } from "../lib/marks";
import { lastStep } from "../state/moment";
import { moveTo, step } from "../state/place";
import { pause, play, playing } from "../state/player";
import { marks } from "../state/run";

const FAR = 10;
export const KEYS = "ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight PageUp PageDown Home End Space";

export function TimelineHandle({ handle, last }: { handle: RefObject<HTMLDivElement | null>; last: number }): JSX.Element {
  const end = lastStep.value ?? 0;
  const at = step.value;
  const value = Math.min(at ?? end, end);
  const here = (marks.value.data ?? []).filter((mark) => mark.step === value).map(markText);
  const words = [at === null ? `the end, step ${end}` : `step ${value} of ${end}`, ...here].join("; ");
  const go = (to: number): void => {
    pause();
    moveTo(to >= end ? null : Math.max(0, to));
  };
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? FAR : 1;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => go(value - by),
      ArrowDown: () => go(value - by),
      ArrowRight: () => go(value + by),
      ArrowUp: () => go(value + by),
      Home: () => go(0),
      End: () => go(end),
      PageUp: () => go(markFrom(value, -1) ?? 0),
      PageDown: () => go(markFrom(value, 1) ?? end),
      " ": () => (playing.peek() ? pause() : play()),
    };
    const deed = steps[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  };
  return (
    <div
      class={`playhead${at === null ? " now" : ""}`} ref={handle} style={{ left: `${(value / last) * 100}%` }}
      role="slider" tabIndex={0} aria-label="Playhead" aria-orientation="horizontal" aria-keyshortcuts={KEYS}
      aria-valuemin={0} aria-valuemax={end} aria-valuenow={value} aria-valuetext={words}
      title="Drag it, or ← → (with Shift ten steps), Page Up and Down from mark to mark, Home, End; Space plays" onKeyDown={key}
    >
      <span class="playhead-knob" />
    </div>
  );
}

/** The next mark before or behind a step. */
function markFrom(at: number, direction: 1 | -1): number | null {
  const steps = (marks.peek().data ?? []).map((mark) => mark.step);
  const found = direction > 0 ? steps.find((one) => one > at) : steps.findLast((one) => one < at);
  return found ?? null;
}
