/** Smoothed lines. What is no number stays as it is, and takes no part. */

export type SmoothingKind = "exponential" | "gaussian" | "mean";

type Value = number | null | undefined;

/** `weight`, 0 to 0.99, says how much: the exponential average's own weight, and as wide a window for the others. */
export function smooth<T extends Value>(values: readonly T[], weight: number, kind: SmoothingKind = "exponential"): (number | T)[] {
  if (weight <= 0) return [...values];
  const most = Math.min(weight, 0.999);
  if (kind === "exponential") return exponential(values, most);
  const reach = most / (1 - most);
  return kind === "mean" ? windowed(values, boxOf(Math.max(1, Math.round(reach)))) : windowed(values, bellOf(Math.max(0.5, reach / 2)));
}

/**
 * Debiased exponential moving average: what has been seen is weighted 1, w, w², … back from each point, and the
 * weights add up to one from the first point on.
 */
function exponential<T extends Value>(values: readonly T[], decay: number): (number | T)[] {
  let sum = 0;
  let total = 0;
  return values.map((value) => {
    if (value == null) return value;
    sum = sum * decay + value;
    total = total * decay + 1;
    return sum / total;
  });
}

const boxOf = (reach: number): number[] => Array.from({ length: reach + 1 }, () => 1);
const bellOf = (sigma: number): number[] => Array.from({ length: Math.ceil(3 * sigma) + 1 }, (_, away) => Math.exp(-0.5 * (away / sigma) ** 2));

/** Each point is the mean of those around it, weighted by how many points away they are. */
function windowed<T extends Value>(values: readonly T[], weights: readonly number[]): (number | T)[] {
  const places = values.flatMap((value, index) => (value == null ? [] : [index]));
  const result: (number | T)[] = [...values];
  for (let at = 0; at < places.length; at++) {
    let sum = 0;
    let total = 0;
    // As far to the one side as to the other, so that the ends are not pulled inwards.
    const reach = Math.min(weights.length - 1, at, places.length - 1 - at);
    for (let away = -reach; away <= reach; away++) {
      const weight = weights[Math.abs(away)] as number;
      sum += weight * (values[places[at + away] as number] as number);
      total += weight;
    }
    result[places[at] as number] = sum / total;
  }
  return result;
}
