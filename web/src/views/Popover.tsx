/** A button with a small box under it. Escape, a click elsewhere and its own close it. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface PopoverProps {
  label: string;
  icon?: JSX.Element;
  class?: string;
  disabled?: boolean;
  title?: string | undefined;
  children(close: () => void): ComponentChildren;
}

export function Popover({ label, icon, disabled = false, title, children, ...rest }: PopoverProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const host = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event): void => {
      if (event.target instanceof Node && !host.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
    };
  }, [open]);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <span class="popover-host" ref={host} onKeyDown={(event) => event.key === "Escape" && open && close()}>
      <button type="button" class={`button ${rest.class ?? ""}`} ref={button} disabled={disabled} title={title} aria-expanded={open} aria-haspopup="dialog" onClick={() => setOpen(!open)}>
        {icon} <span class="ellipsis">{label}</span>
      </button>
      {open && (
        <div class="popover" role="dialog" aria-label={label}>
          {children(close)}
        </div>
      )}
    </span>
  );
}
