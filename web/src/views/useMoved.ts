/** Calls when a run moved, as the project's stream says. */

import { useSignalEffect } from "@preact/signals";
import { moved, pulse } from "../state/project";

export function useMoved(id: string, call: () => void): void {
  useSignalEffect(() => {
    if (moved(pulse.value, [id])) call();
  });
}
