/**
 * What of a run one looks at, as the address carries it: `?segment=…&step=…`, where on its timeline (neither: at its end, where it is live),
 * and `&file=…`, which of its files, perhaps with the `&version=…` that was picked instead of the one of that step.
 */

export interface Place {
  step: number | null;
  segment: string | null;
  file: string | null;
  version: number | null;
}

const NAMES = new Set(["segment", "step", "file", "version"]);

export function parsePlace(query: string): Place {
  const params = new URLSearchParams(query);
  const number = (name: string): number | null => {
    const text = params.get(name) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : null;
  };
  const file = params.get("file") || null;
  return { step: number("step"), segment: params.get("segment") || null, file, version: file === null ? null : number("version") };
}

/** The query without the place. */
export function withoutPlace(query: string): string {
  const kept = query.replace(/^\?/, "").split("&").filter((part) => part && !NAMES.has(part.split("=")[0] ?? ""));
  return kept.length ? `?${kept.join("&")}` : "";
}

/** The query with another place, the rest as it was. */
export function withPlace(query: string, { step, segment, file, version }: Place): string {
  const parts = [withoutPlace(query).slice(1)];
  if (file !== null) parts.push(`file=${encodeURIComponent(file).replaceAll("%2F", "/")}`);
  if (file !== null && version !== null) parts.push(`version=${version}`);
  if (segment !== null) parts.push(`segment=${encodeURIComponent(segment)}`);
  if (step !== null) parts.push(`step=${step}`);
  const text = parts.filter(Boolean).join("&");
  return text ? `?${text}` : "";
}
