/** What a chart shows as a table: a row a place on the x axis, a column a run, its lowest and highest value beside it where they differ. */

import type { Lines } from "./buckets";

export function chartCsv({ x, lines }: Lines, axis: string, names: readonly string[]): string {
  const banded = lines.some((line) => line.banded);
  const head = [axis, ...lines.flatMap(({ run }) => [names[run] ?? "", ...(banded ? [`${names[run]} (min)`, `${names[run]} (max)`] : [])])];
  const rows = x.map((place, at) => [place, ...lines.flatMap((line) => [line.mean[at], ...(banded ? [line.min[at], line.max[at]] : [])])]);
  return toCsv([head, ...rows]);
}

export function toCsv(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  // A spreadsheet would run what begins like a formula.
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${String(value)}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
