/** What `define_metric` said of metrics, each by its own name or by how names begin (`val/*`). */

export interface Definition {
  name: string;
  step_metric: string | null;
  hidden: boolean;
}

/** What is said of a metric: its own name wins, then the longest beginning. */
export function definitionOf<D extends Definition>(definitions: readonly D[], metric: string): D | null {
  let best: D | null = null;
  for (const one of definitions) {
    if (one.name === metric) return one;
    if (one.name.endsWith("*") && metric.startsWith(one.name.slice(0, -1)) && one.name.length > (best?.name.length ?? 0)) best = one;
  }
  return best;
}
