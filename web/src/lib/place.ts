/** Where on a run's timeline one stands, as the address carries it: `?segment=…&step=…`. Neither: at its end, where it is live. */

export interface Place {
  step: number | null;
  segment: string | null;
}

const NAMES = new Set(["segment", "step"]);

export function parsePlace(query: string): Place {
  const params = new URLSearchParams(query);
  const step = params.get("step") ?? "";
  return { step: /^\d{1,15}$/.test(step) ? Number(step) : null, segment: params.get("segment") || null };
}

/** The query without the place. */
export function withoutPlace(query: string): string {
  const kept = query.replace(/^\?/, "").split("&").filter((part) => part && !NAMES.has(part.split("=")[0] ?? ""));
  return kept.length ? `?${kept.join("&")}` : "";
}

/** The query with another place, the rest as it was. */
export function withPlace(query: string, { step, segment }: Place): string {
  const parts = [withoutPlace(query).slice(1)];
  if (segment !== null) parts.push(`segment=${encodeURIComponent(segment)}`);
  if (step !== null) parts.push(`step=${step}`);
  const text = parts.filter(Boolean).join("&");
  return text ? `?${text}` : "";
}
