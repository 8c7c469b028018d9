/** All runs of a project in a table: any property, config or summary value as a column, sorted, in groups, many at a time. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { isOfSummary } from "../lib/fields";
import { type GroupRow as Row, groupRows } from "../lib/groups";
import { numericColumns } from "../lib/table";
import { noneFound } from "../lib/runfilter";
import type { Run } from "../api/types";
import { columns as shownColumns } from "../state/offered";
import { listed, select, selected } from "../state/runlist";
import { view } from "../state/view";
import { BulkBar } from "./BulkBar";
import { RunTableGroup } from "./RunTableGroup";
import { RunTableHead } from "./RunTableHead";
import { RunTableRow } from "./RunTableRow";
import { TableToolbar } from "./TableToolbar";
import { Unlisted } from "./Unlisted";
import { useSight } from "./useSight";
import { VirtualList } from "./VirtualList";
import { Waiting } from "./Waiting";

const ROW = 34;
const none: ReadonlySet<string> = new Set();
const nothing: readonly string[] = [];

export function RunTable(): JSX.Element {
  const { by, sort, search } = view.value;
  const [open, setOpen] = useState<ReadonlySet<string>>(none);
  const [last, setLast] = useState<string | null>(null);
  const list = listed.value;
  const columns = shownColumns.value ?? nothing;
  const rows = useMemo<Row<Run>[]>(
    () => (by === null ? list.map((run) => ({ kind: "run", key: run.id, depth: 0, run })) : groupRows(list, by, open)),
    [list, by, open],
  );
  const onRows = useSight(rows, by !== null || isOfSummary(sort));
  const numeric = useMemo(() => numericColumns(list, columns), [list, columns]);
  const turn = (key: string): void => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  /** With Shift, everything from the row that was picked before. */
  const pick = (run: Run, on: boolean, range: boolean): void => {
    const [from, to] = [list.findIndex((one) => one.id === last), list.indexOf(run)];
    const between = range && from >= 0 ? list.slice(Math.min(from, to), Math.max(from, to) + 1) : [run];
    select(between.map(({ id }) => id), on);
    setLast(run.id);
  };
  if (!shownColumns.value) return <Waiting />;
  const template = `36px var(--name-width) ${columns.map((field) => (numeric.has(field) || field === "state" || field === "created" ? "110px" : "150px")).join(" ")}`;
  return (
    <main class="table-page" id="main">
      <h1 class="visually-hidden">Runs</h1>
      <TableToolbar columns={columns} />
      <Unlisted />
      {selected.value.size > 0 && <BulkBar />}
      <section class="card run-table" style={{ "--columns": template }} aria-label="Table of runs">
        <VirtualList
          total={rows.length} rowHeight={ROW} label="Runs" role="table" onRows={onRows} head={<RunTableHead columns={columns} numeric={numeric} />}
          row={(index) => {
            const row = rows[index] as Row<Run>;
            if (row.kind === "group") return <RunTableGroup key={row.key} row={row} columns={columns} onTurn={() => turn(row.key)} />;
            return <RunTableRow key={row.key} run={row.run} depth={row.depth} columns={columns} onPick={pick} />;
          }}
        />
        {!rows.length && <p class="soft pad">{search ? noneFound(search) : "No runs."}</p>}
      </section>
    </main>
  );
}
