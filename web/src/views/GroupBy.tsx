/** By which field runs stand together. */

import type { JSX } from "preact";
import { titleOf } from "../lib/fields";
import { configFields } from "../state/project";
import { setView, view } from "../state/view";

const own = ["group", "job_type", "state", "user", "tags"] as const;

export function GroupBy({ label }: { label: string }): JSX.Element {
  const { by } = view.value;
  const config = configFields.value;
  const known = by === null || own.some((field) => field === by) || config.includes(by);
  return (
    <select class="select" aria-label={label} value={by ?? ""} onChange={(event) => setView({ by: event.currentTarget.value || null })}>
      <option value="">No groups</option>
      {own.map((field) => <option key={field} value={field}>{titleOf(field)}</option>)}
      {config.length > 0 && <optgroup label="Config">{config.map((field) => <option key={field} value={field}>{titleOf(field)}</option>)}</optgroup>}
      {!known && <option value={by}>{titleOf(by)}</option>}
    </select>
  );
}
