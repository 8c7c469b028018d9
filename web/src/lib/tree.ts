/** Config and summary as flat lists for people: nested objects become dotted keys, values become short text. */

import { formatNumber } from "./format";
import { imagesOf, kindOf } from "./media";

export interface Entry {
  key: string;
  /** As shown. */
  text: string;
  /** As copied: the exact value. */
  exact: string;
  numeric: boolean;
}

const MAX_DEPTH = 8;
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function flatten(values: Record<string, unknown>): Entry[] {
  return [...walk(values, "", 0)].toSorted((a, b) => collator.compare(a.key, b.key));
}

function* walk(values: Record<string, unknown>, prefix: string, depth: number): Generator<Entry> {
  for (const [name, value] of Object.entries(values)) {
    const key = prefix ? `${prefix}.${name}` : name;
    if (isPlain(value) && depth < MAX_DEPTH && !("_type" in value) && Object.keys(value).length) yield* walk(value, key, depth + 1);
    else yield { key, text: formatValue(value), exact: exactValue(value), numeric: typeof value === "number" };
  }
}

export function formatValue(value: unknown): string {
  if (typeof value === "number") return formatNumber(value, 6);
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  const images = imagesOf(value);
  if (images.length) return images.length === 1 ? "image" : `${images.length} images`;
  const kind = kindOf(value);
  if (kind) return kind.replace(/^incremental-|-file$/g, "");
  return JSON.stringify(value);
}

function exactValue(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
