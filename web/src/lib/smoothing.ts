/**
 * Debiased exponential moving average: what has been seen is weighted 1, w, w², … back from each point, and the
 * weights add up to one from the first point on. What is no number stays as it is.
 */
export function smooth<T extends number | null | undefined>(values: readonly T[], weight: number): (number | T)[] {
  if (weight <= 0) return [...values];
  const decay = Math.min(weight, 0.999);
  let sum = 0;
  let total = 0;
  return values.map((value) => {
    if (value == null) return value;
    sum = sum * decay + value;
    total = total * decay + 1;
    return sum / total;
  });
}
