/** Rows of a logged table, a page at a time. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { getTable } from "../../api/resources";
import type { Run, TablePage } from "../../api/types";
import { imagesOf, type Place } from "../../lib/media";
import { messageOf } from "../../lib/message";
import { formatValue } from "../../lib/tree";
import { Image } from "../Image";

const ROWS = 20;

export function LoggedTable({ run, place }: { run: Run; place: Place }): JSX.Element {
  const [page, setPage] = useState<TablePage | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [offset, setOffset] = useState(0);
  const show = (told: TablePage): void => {
    setPage(told);
    setError(null);
  };
  useEffect(() => setOffset(0), [place.step, place.key]);
  useEffect(() => {
    let gone = false;
    getTable(run.entity, run.project, run.id, { key: place.key, step: place.step, segment: place.segment, item: place.item, offset, limit: ROWS }).then(
      (told) => gone || show(told),
      (problem: unknown) => gone || setError(messageOf(problem)),
    );
    return () => void (gone = true);
  }, [run.id, place.key, place.step, place.segment, place.item, offset]);
  if (error) return <p class="soft">{error}</p>;
  if (!page) return <p class="soft">Loading</p>;
  const last = Math.min(offset + ROWS, page.total);
  return (
    <>
      <div class="preview-box table-box" tabIndex={0} role="region" aria-label={`Table of ${place.key}`}>
        <table>
          <thead>
            <tr>{page.columns.map((name, at) => <th key={at} scope="col">{name}</th>)}</tr>
          </thead>
          <tbody>
            {page.rows.map((row, number) => (
              <tr key={offset + number}>{row.map((cell, at) => <Cell key={at} run={run} value={cell} label={`${page.columns[at]}, row ${offset + number}`} />)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      {page.total > ROWS && (
        <p class="table-pages">
          <button type="button" class="chip" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - ROWS))}>Previous</button>
          <span class="soft num">{(offset + 1).toLocaleString("en")} to {last.toLocaleString("en")} of {page.total.toLocaleString("en")}</span>
          <button type="button" class="chip" disabled={page.next === null} onClick={() => setOffset(offset + ROWS)}>Next</button>
        </p>
      )}
    </>
  );
}

function Cell({ run, value, label }: { run: Run; value: unknown; label: string }): JSX.Element {
  const [image] = imagesOf(value);
  if (image) return <td class="table-image"><Image entity={run.entity} project={run.project} run={run.id} image={image} label={label} /></td>;
  return <td class={typeof value === "number" ? "num" : ""}>{value === null ? "" : formatValue(value)}</td>;
}
