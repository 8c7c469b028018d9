/** A section that opens and closes. What is in a closed one is not made. */

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { ChevronIcon } from "./icons";

export interface FoldProps {
  title: string;
  count: number;
  startsOpen?: boolean;
  children: ComponentChildren;
}

export function Fold({ title, count, startsOpen = true, children }: FoldProps): JSX.Element {
  const [open, setOpen] = useState(startsOpen);
  return (
    <section class="section">
      <h2>
        <button type="button" class="section-head" aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronIcon />
          <span class="ellipsis">{title}</span>
          <span class="count num">{count}</span>
        </button>
      </h2>
      {open && children}
    </section>
  );
}
