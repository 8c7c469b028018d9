/** Where a run stands: a mark with a shape of its own, so that colour is not all that tells; with a word where there is room. */

import type { JSX } from "preact";
import type { RunState } from "../api/types";
import { isAtWork } from "../lib/states";

const words: Record<RunState, string> = {
  pending: "Pending",
  running: "Running",
  finished: "Finished",
  failed: "Failed",
  crashed: "Crashed",
  killed: "Stopped",
  preempting: "Being preempted",
  preempted: "Preempted",
};

export function StateMark({ state }: { state: RunState }): JSX.Element {
  return (
    <span class={`state-mark ${state}`} role="img" aria-label={words[state] ?? state} title={words[state] ?? state}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {shape(state)}
      </svg>
    </span>
  );
}

export function StateBadge({ state }: { state: RunState }): JSX.Element {
  return (
    <span class={`state-badge ${state}`}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {shape(state)}
      </svg>
      {words[state] ?? state}
    </span>
  );
}

function shape(state: RunState): JSX.Element {
  const line = { fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round" } as const;
  if (isAtWork({ state })) return <circle class="beat" cx="6" cy="6" r="3.200" fill="currentColor" />;
  if (state === "pending") return <circle {...line} stroke-dasharray="2 2.500" cx="6" cy="6" r="4" />;
  if (state === "finished") return <path {...line} d="m2.500 6.300 2.400 2.400 4.600-5" />;
  if (state === "failed") return <path {...line} d="m3 3 6 6M9 3 3 9" />;
  if (state === "crashed") return <path {...line} d="M6 2.300v4.400M6 9.500v.1" />;
  if (state === "killed") return <rect x="3" y="3" width="6" height="6" rx="1" fill="currentColor" />;
  return <path {...line} d="M4.300 3v6M7.700 3v6" />;
}
