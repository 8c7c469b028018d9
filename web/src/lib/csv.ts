/** Tables from text: commas or tabs, quotes around what has them inside. */

export interface Table {
  head: string[];
  rows: string[][];
  /** There are more rows, or columns, than were taken. */
  cut: boolean;
}

const MAX_CELLS = 12_000;
const MAX_ROWS = 1_000;
const MAX_COLUMNS = 100;

/** The beginning of a table. `complete` is false when `text` is the beginning of a file: its last row may be half of one. */
export function parseTable(text: string, delimiter: string, complete: boolean): Table {
  const [head = [], ...rows] = parseRows(text, delimiter, MAX_ROWS + 2);
  const cutText = !complete && rows.length <= MAX_ROWS;
  if (cutText) rows.pop();
  const columns = Math.min(MAX_COLUMNS, head.length);
  const most = Math.min(MAX_ROWS, Math.max(10, Math.floor(MAX_CELLS / Math.max(1, columns))));
  return {
    head: head.slice(0, columns),
    rows: rows.slice(0, most).map((row) => Array.from({ length: columns }, (_, at) => row[at] ?? "")),
    cut: cutText || rows.length > most || head.length > columns,
  };
}

/** At most `most` rows. Empty lines are none. */
function parseRows(text: string, delimiter: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const end = (): void => {
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  while (at < text.length && rows.length < most) {
    let cell = "";
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        cell += text.slice(at, quote < 0 ? text.length : quote);
        at = quote < 0 ? text.length : quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
    }
    const from = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n") at += 1;
    cell += text.slice(from, at);
    const last = at >= text.length || text[at] === "\n";
    row.push(last ? cell.replace(/\r$/, "") : cell);
    if (last) end();
    else if (at + 1 >= text.length) row.push("");
    at += 1;
  }
  if (row.length) end();
  return rows;
}
