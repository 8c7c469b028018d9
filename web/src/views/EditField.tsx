/** A field that a text is edited in: Enter saves (with Ctrl or Cmd where a text has lines), Escape gives up, leaving it saves; what is refused stays to be mended. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { focused } from "../lib/focused";
import { useDeed } from "./useDeed";

export interface EditFieldProps {
  value: string;
  label: string;
  /** Several lines. */
  long?: boolean | undefined;
  maxLength?: number | undefined;
  placeholder?: string | undefined;
  /** Whether it may be left empty. */
  empty?: boolean | undefined;
  onSave(value: string): Promise<void>;
  /** It was saved, or given up. */
  onDone(): void;
}

export function EditField({ value, label, long, maxLength, placeholder, empty, onSave, onDone }: EditFieldProps): JSX.Element {
  const [draft, setDraft] = useState(value);
  const { problem, attempt } = useDeed();
  const save = async (): Promise<void> => {
    const next = long ? draft : draft.trim();
    if (next === value || (!empty && !next)) return onDone();
    if (await attempt(() => onSave(next))) onDone();
  };
  const common = {
    value: draft,
    "aria-label": label,
    "aria-invalid": problem !== null,
    ref: focused,
    maxLength,
    placeholder,
    onBlur: () => void save(),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Escape") onDone();
      else if (event.key === "Enter" && (!long || event.metaKey || event.ctrlKey)) void save();
    },
  };
  return (
    <span class="editing">
      {long ? (
        <textarea {...common} rows={Math.min(24, Math.max(5, draft.split("\n").length + 1))} onInput={(event) => setDraft(event.currentTarget.value)} />
      ) : (
        <input {...common} type="text" size={Math.max(12, draft.length + 1)} onInput={(event) => setDraft(event.currentTarget.value)} />
      )}
      {problem && <span class="error" role="alert">{problem}</span>}
    </span>
  );
}
