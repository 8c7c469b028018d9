/** Asked once more, in place: Escape and the other button leave it. */

import type { ComponentChildren, JSX } from "preact";
import { focused } from "../lib/focused";

export interface ConfirmProps {
  /** What it is about, */
  label: string;
  /** the button that does it, and the one that does not. */
  yes: string;
  no?: string;
  onYes(): void;
  onNo(): void;
  /** The question. */
  children?: ComponentChildren;
}

export function Confirm({ label, yes, no = "Keep", onYes, onNo, children }: ConfirmProps): JSX.Element {
  return (
    <span class="confirm" role="group" aria-label={label} onKeyDown={(event) => event.key === "Escape" && onNo()}>
      {children}
      <button type="button" class="button danger" onClick={onYes}>{yes}</button>
      <button type="button" class="button" ref={focused} onClick={onNo}>{no}</button>
    </span>
  );
}
