/** Keeps a run on top of the lists, and drawn. */

import type { JSX } from "preact";
import type { Run } from "../api/types";
import { togglePin, view } from "../state/view";
import { PinIcon } from "./icons";

export function Pin({ run }: { run: Run }): JSX.Element {
  const on = view.value.pin.has(run.id);
  return (
    <button
      type="button" class={`pin${on ? " on" : ""}`} aria-pressed={on} aria-label={`Pin ${run.name}`}
      title={on ? "Let it stand where it belongs" : "Keep it on top, and drawn"} onClick={() => togglePin(run.id)}
    >
      <PinIcon />
    </button>
  );
}
