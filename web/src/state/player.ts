/** Plays a run: the playhead moves to the end by itself, a short run a step at a time, a long one within half a minute. */

import { signal } from "@preact/signals";
import { lastStep } from "./moment";
import { moveTo, step } from "./place";

const LONGEST = 30_000;
const SLOWEST = 8;

export const playing = signal(false);

let frame = 0;

export function pause(): void {
  playing.value = false;
  cancelAnimationFrame(frame);
}

export function play(): void {
  const last = lastStep.peek();
  if (last === null || last < 1) return;
  let at = step.peek() ?? 0;
  let before = performance.now();
  const perMillisecond = Math.max(SLOWEST / 1000, last / LONGEST);
  const move = (now: number): void => {
    // Somebody took hold of the playhead meanwhile: it goes on from there.
    const here = step.peek();
    if (here !== null && here !== Math.floor(at)) at = here;
    at += (now - before) * perMillisecond;
    before = now;
    const end = lastStep.peek() ?? 0;
    if (at >= end) {
      moveTo(null);
      pause();
      return;
    }
    moveTo(Math.floor(at));
    frame = requestAnimationFrame(move);
  };
  playing.value = true;
  moveTo(Math.floor(at));
  frame = requestAnimationFrame(move);
}
