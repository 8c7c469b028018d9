/** Runs side by side: a row a field, a cell a run. */

import { type Described, fieldsOf, textOf, titleOf, valueOf } from "./fields";

export interface Compared {
  field: string;
  title: string;
  cells: { text: string; numeric: boolean; /** Not as in the first run. */ differs: boolean }[];
  /** All cells are the same. */
  same: boolean;
}

export interface Part {
  title: string;
  rows: Compared[];
  /** Rows that were left out because they are the same. */
  hidden: number;
}

const facts = ["state", "created", "duration", "step", "user", "group", "job_type", "tags", "notes"] as const;

export function compareRuns(runs: readonly Described[], everything: boolean): Part[] {
  const parts: [string, readonly string[]][] = [
    ["Config", fieldsOf(runs, "config")],
    ["Summary", fieldsOf(runs, "summary")],
    ["Run", facts],
  ];
  return parts.map(([title, fields]) => {
    const rows = fields.map((field) => compared(runs, field)).filter((row) => row.cells.some((cell) => cell.text));
    const shown = everything ? rows : rows.filter((row) => !row.same);
    return { title, rows: shown, hidden: rows.length - shown.length };
  });
}

function compared(runs: readonly Described[], field: string): Compared {
  const texts = runs.map((run) => textOf(run, field));
  const cells = runs.map((run, at) => ({ text: texts[at] ?? "", numeric: typeof valueOf(run, field) === "number", differs: texts[at] !== texts[0] }));
  return { field, title: titleOf(field), cells, same: cells.every((cell) => !cell.differs) };
}
