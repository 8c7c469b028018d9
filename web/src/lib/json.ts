/** JSON as rows of a list whose objects and arrays open and close. Numbers are shown as they are written. */

/** A number that JavaScript cannot hold: its digits. */
export class Exact {
  constructor(readonly source: string) {}
}

export interface JsonRow {
  /** Where it lies, unlike any other row's. */
  id: string;
  depth: number;
  /** Its name or number in what holds it; null for the whole. */
  key: string | null;
  kind: "string" | "number" | "word" | "container" | "more";
  text: string;
  /** Of what opens and closes. */
  open?: boolean;
}

const MAX_SHOWN = 1_000;
/** What has more entries than this is closed until somebody opens it. */
const FEW = 24;
const MAX_TEXT = 2_000;

/** Throws SyntaxError. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, ((_key: string, value: unknown, context?: { source?: string }) => {
    if (typeof value !== "number" || context?.source === undefined || String(value) === context.source) return value;
    return new Exact(context.source);
  }) as (key: string, value: unknown) => unknown);
}

/** The rows to be seen. `toggled` are those that are not as they were at first. */
export function jsonRows(value: unknown, toggled: ReadonlySet<string>): JsonRow[] {
  const rows: JsonRow[] = [];
  add(rows, value, { id: "$", depth: 0, key: null }, toggled);
  return rows;
}

function add(rows: JsonRow[], value: unknown, at: Pick<JsonRow, "id" | "depth" | "key">, toggled: ReadonlySet<string>): void {
  if (typeof value !== "object" || value === null || value instanceof Exact) {
    rows.push({ ...at, ...leaf(value) });
    return;
  }
  const list = Array.isArray(value);
  const names = list ? [] : Object.keys(value);
  const count = list ? value.length : names.length;
  const open = count > 0 && (at.depth === 0 || (at.depth < 3 && count <= FEW)) !== toggled.has(at.id);
  rows.push({ ...at, kind: "container", text: summary(list, count), ...(count ? { open } : {}) });
  if (!open) return;
  for (let index = 0; index < Math.min(count, MAX_SHOWN); index++) {
    const key = list ? String(index) : (names[index] as string);
    const part: unknown = list ? value[index] : (value as Record<string, unknown>)[key];
    add(rows, part, { id: `${at.id}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, depth: at.depth + 1, key }, toggled);
  }
  if (count > MAX_SHOWN) {
    const text = `${(count - MAX_SHOWN).toLocaleString("en")} more`;
    rows.push({ id: `${at.id}//more`, depth: at.depth + 1, key: null, kind: "more", text });
  }
}

function summary(list: boolean, count: number): string {
  if (!count) return list ? "[]" : "{}";
  const noun = list ? (count === 1 ? "item" : "items") : count === 1 ? "key" : "keys";
  return `${list ? "[…]" : "{…}"} ${count.toLocaleString("en")} ${noun}`;
}

function leaf(value: unknown): Pick<JsonRow, "kind" | "text"> {
  if (typeof value === "string") {
    const cut = value.length > MAX_TEXT;
    return { kind: "string", text: JSON.stringify(cut ? value.slice(0, MAX_TEXT) : value) + (cut ? "…" : "") };
  }
  if (value instanceof Exact) return { kind: "number", text: value.source };
  return { kind: typeof value === "number" ? "number" : "word", text: String(value) };
}
