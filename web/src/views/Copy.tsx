/** A button that copies a text, and says that it did. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { CheckIcon, CopyIcon } from "./icons";

export function Copy({ text, what }: { text: string; what: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setCopied(true);
  };
  return (
    <button type="button" class={`icon-button copy${copied ? " done" : ""}`} onClick={() => void copy()} aria-label={copied ? "Copied" : `Copy ${what}`} title={copied ? "Copied" : "Copy"}>
      {copied ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}

/** The clipboard is closed to pages of plain http from elsewhere; a selection and the old command work there. */
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
