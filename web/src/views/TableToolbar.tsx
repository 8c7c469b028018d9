/** Above the table of runs: search, groups, columns, and the table as a file. */

import type { JSX } from "preact";
import { download } from "../charts/save";
import { plural } from "../lib/format";
import { type Aggregate, runsCsv } from "../lib/table";
import { runs } from "../state/project";
import { found, listed } from "../state/runlist";
import { setView, view } from "../state/view";
import { ColumnPicker } from "./ColumnPicker";
import { GroupBy } from "./GroupBy";
import { DownloadIcon } from "./icons";
import { RunSearch } from "./RunSearch";

const aggregates: readonly Aggregate[] = ["mean", "median", "min", "max"];

export function TableToolbar({ columns }: { columns: readonly string[] }): JSX.Element {
  const { by, aggregate, search } = view.value;
  const total = runs.value.data?.length ?? 0;
  const save = (): void => download("runs.csv", new Blob([runsCsv(listed.value, columns)], { type: "text/csv" }));
  return (
    <div class="toolbar" role="toolbar" aria-label="Table">
      <RunSearch />
      <span class="soft num" role="status">{search ? `${found.value.length.toLocaleString("en")} of ${total.toLocaleString("en")}` : plural(total, "run")}</span>
      <span class="toolbar-space" />
      <GroupBy label="Group runs by" />
      {by !== null && (
        <select class="select" aria-label="What a group's row says" value={aggregate} onChange={(event) => setView({ aggregate: event.currentTarget.value as Aggregate })}>
          {aggregates.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
      )}
      <ColumnPicker columns={columns} />
      <button type="button" class="button" onClick={save} title="Save the table as CSV"><DownloadIcon /> CSV</button>
    </div>
  );
}
