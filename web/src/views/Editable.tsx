/** A text that becomes a field when it is clicked. Enter saves, Escape gives up; what the server refuses stays to be mended. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { PencilIcon } from "./icons";

export interface EditableProps {
  value: string;
  label: string;
  disabled?: boolean;
  /** Several lines; Enter makes a new one, Ctrl or Cmd with Enter saves. */
  long?: boolean;
  maxLength?: number;
  placeholder?: string;
  /** Whether it may be left empty. */
  empty?: boolean;
  onSave(value: string): Promise<void>;
}

export function Editable({ value, label, disabled, long, maxLength, placeholder, empty, onSave }: EditableProps): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  if (disabled) return <span class="editable-text">{value || <span class="faint">{placeholder ?? "–"}</span>}</span>;
  if (draft === null) {
    return (
      <button type="button" class={`editable${long ? " long" : ""}`} onClick={() => setDraft(value)} aria-label={`${label}: ${value || "none"}. Edit${value || !placeholder ? "" : `. ${placeholder}`}`} title="Edit">
        <span class="editable-text">{value || <span class="faint">{placeholder ?? "–"}</span>}</span>
        <PencilIcon />
      </button>
    );
  }
  const done = (): void => {
    setDraft(null);
    setProblem(null);
  };
  const save = async (): Promise<void> => {
    const next = long ? draft : draft.trim();
    if (next === value || (!empty && !next)) return done();
    try {
      await onSave(next);
      done();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const common = {
    value: draft,
    "aria-label": label,
    "aria-invalid": problem !== null,
    autoFocus: true,
    maxLength,
    placeholder,
    onBlur: () => void save(),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Escape") done();
      else if (event.key === "Enter" && (!long || event.metaKey || event.ctrlKey)) void save();
    },
  };
  return (
    <span class="editing">
      {long ? (
        <textarea {...common} rows={Math.min(16, Math.max(4, draft.split("\n").length + 1))} onInput={(event) => setDraft(event.currentTarget.value)} />
      ) : (
        <input {...common} type="text" size={Math.max(12, draft.length + 1)} onInput={(event) => setDraft(event.currentTarget.value)} />
      )}
      {problem && <span class="error" role="alert">{problem}</span>}
    </span>
  );
}
