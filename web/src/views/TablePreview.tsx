/** The beginning of a table. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { parseTable } from "../lib/csv";
import { plural } from "../lib/format";

/** Rows that tell whether a column is one of numbers. */
const SEEN = 100;

export interface TablePreviewProps {
  text: string;
  delimiter: string;
  /** It is all of the file. */
  complete: boolean;
}

export function TablePreview({ text, delimiter, complete }: TablePreviewProps): JSX.Element {
  const { head, rows, cut } = useMemo(() => parseTable(text, delimiter, complete), [text, delimiter, complete]);
  const numeric = useMemo(() => head.map((_, at) => rows.slice(0, SEEN).every((row) => !row[at] || isNumber(row[at]))), [head, rows]);
  return (
    <>
      <div class="preview-box table-box" tabIndex={0} role="region" aria-label="Content">
        <table>
          <thead>
            <tr>{head.map((name, at) => <th key={at} scope="col" class={numeric[at] ? "num" : ""}>{name}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((row, number) => (
              <tr key={number}>{row.map((cell, at) => <td key={at} class={numeric[at] ? "num" : ""} title={cell.length > 60 ? cell : undefined}>{cell}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      {cut && <p class="soft preview-cut">The first {plural(rows.length, "row")} of {plural(head.length, "column")}.</p>}
    </>
  );
}

function isNumber(cell: string): boolean {
  return cell !== "" && Number.isFinite(Number(cell));
}
