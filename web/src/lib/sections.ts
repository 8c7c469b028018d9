/** Chart keys in sections by prefix: `train/loss` is in `train`; keys without a prefix share one section, which comes first. */

export interface Section {
  name: string;
  keys: string[];
  source: "history" | "system";
}

/** Title of the section of keys without prefix. */
export const PLAIN = "Charts";
export const SYSTEM = "system";

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function prefixOf(key: string): string {
  const slash = key.indexOf("/");
  return slash > 0 ? key.slice(0, slash) : "";
}

/** A key without its section's name in front. */
export function shortKey(key: string, section: string): string {
  return section !== PLAIN && key.startsWith(`${section}/`) ? key.slice(section.length + 1) : key;
}

export function toSections(history: readonly string[], system: readonly string[] = []): Section[] {
  const byPrefix = new Map<string, string[]>();
  for (const key of [...history].toSorted(collator.compare)) {
    const prefix = prefixOf(key);
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), key]);
  }
  const sections: Section[] = [...byPrefix]
    .toSorted(([a], [b]) => collator.compare(a, b))
    .map(([prefix, keys]) => ({ name: prefix || PLAIN, keys, source: "history" }));
  if (system.length) sections.push({ name: SYSTEM, keys: [...system].toSorted(collator.compare), source: "system" });
  return sections;
}
