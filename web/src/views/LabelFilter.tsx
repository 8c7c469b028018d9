/** Of a run that several processes write to: all of them, or one. */

import type { JSX } from "preact";

export interface LabelFilterProps {
  labels: readonly string[];
  value: string | null;
  onChange(label: string | null): void;
}

export function LabelFilter({ labels, value, onChange }: LabelFilterProps): JSX.Element | null {
  if (labels.length < 2) return null;
  return (
    <select class="select" aria-label="Writer" value={value ?? ""} onChange={(event) => onChange(event.currentTarget.value || null)}>
      <option value="">All writers</option>
      {labels.map((label) => (
        <option key={label} value={label}>
          {label}
        </option>
      ))}
    </select>
  );
}
