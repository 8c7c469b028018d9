/** Which columns the table has: in the order in which they are picked. */

import type { JSX } from "preact";
import { kindOf, own, titleOf } from "../lib/fields";
import { configFields, summaryFields } from "../state/project";
import { setView, view } from "../state/view";
import { ColumnsIcon } from "./icons";
import { Picker } from "./Picker";
import { Popover } from "./Popover";

export function ColumnPicker({ columns }: { columns: readonly string[] }): JSX.Element {
  const fields = [...columns, ...[...own, ...configFields.value, ...summaryFields.value].filter((field) => !columns.includes(field))];
  const text = (field: string): string => (kindOf(field) === "run" ? titleOf(field) : `${titleOf(field)} · ${kindOf(field)}`);
  const pick = (field: string): void => setView({ columns: columns.includes(field) ? columns.filter((other) => other !== field) : [...columns, field] });
  return (
    <Popover label="Columns" icon={<ColumnsIcon />} title="Which columns there are">
      {() => (
        <>
          <Picker label="Find a column" options={fields.map((field) => [field, text(field)] as const)} chosen={columns} onPick={pick} several />
          {view.value.columns && <button type="button" class="link options-reset" onClick={() => setView({ columns: null })}>As at first</button>}
        </>
      )}
    </Popover>
  );
}
