/** A line of text that becomes a field when it is clicked. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { EditField } from "./EditField";
import { PencilIcon } from "./icons";

export interface EditableProps {
  value: string;
  label: string;
  disabled?: boolean;
  maxLength?: number;
  onSave(value: string): Promise<void>;
}

export function Editable({ value, label, disabled, maxLength, onSave }: EditableProps): JSX.Element {
  const [editing, setEditing] = useState(false);
  const text = <span class="editable-text">{value || <span class="faint">–</span>}</span>;
  if (disabled) return text;
  if (editing) return <EditField value={value} label={label} maxLength={maxLength} onSave={onSave} onDone={() => setEditing(false)} />;
  return (
    <button type="button" class="editable" onClick={() => setEditing(true)} aria-label={`${label}: ${value || "none"}. Edit`} title="Edit">
      {text}
      <PencilIcon />
    </button>
  );
}
