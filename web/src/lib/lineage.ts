/** Where the nodes of a graph without circles stand: in columns, each to the right of all that leads to it. */

export interface NodeLike {
  id: string;
}

export interface EdgeLike {
  source: string;
  target: string;
}

export interface Placed<N extends NodeLike> {
  node: N;
  column: number;
  row: number;
}

export interface Layout<N extends NodeLike> {
  nodes: Placed<N>[];
  columns: number;
  rows: number;
}

/** Nodes of a column stand near those that they come from. What leads in a circle (a run that used what it made) is cut there. */
export function layout<N extends NodeLike>(nodes: readonly N[], edges: readonly EdgeLike[]): Layout<N> {
  const columnOf = columnsOf(nodes, edges);
  const sources = new Map<string, string[]>();
  for (const { source, target } of edges) sources.set(target, [...(sources.get(target) ?? []), source]);
  const rowOf = new Map<string, number>();
  const placed: Placed<N>[] = [];
  const columns = Math.max(0, ...nodes.map((node) => (columnOf.get(node.id) ?? 0) + 1));
  for (let column = 0; column < columns; column += 1) {
    const own = nodes.filter((node) => columnOf.get(node.id) === column);
    const wish = (node: N): number => mean((sources.get(node.id) ?? []).flatMap((id) => rowOf.get(id) ?? []));
    own.map((node, index) => ({ node, index, wish: wish(node) }))
      .toSorted((a, b) => a.wish - b.wish || a.index - b.index)
      .forEach(({ node }, row) => {
        rowOf.set(node.id, row);
        placed.push({ node, column, row });
      });
  }
  return { nodes: placed, columns, rows: Math.max(0, ...placed.map(({ row }) => row + 1)) };
}

function columnsOf(nodes: readonly NodeLike[], edges: readonly EdgeLike[]): Map<string, number> {
  const targets = new Map<string, string[]>();
  for (const { source, target } of edges) targets.set(source, [...(targets.get(source) ?? []), target]);
  const columns = new Map<string, number>();
  const onTheWay = new Set<string>();
  const walk = (id: string, column: number): void => {
    if (onTheWay.has(id) || (columns.get(id) ?? -1) >= column) return;
    columns.set(id, column);
    onTheWay.add(id);
    for (const target of targets.get(id) ?? []) walk(target, column + 1);
    onTheWay.delete(id);
  };
  const reached = new Set(edges.map(({ target }) => target));
  for (const { id } of nodes) if (!reached.has(id)) walk(id, 0);
  for (const { id } of nodes) if (!columns.has(id)) walk(id, 0);
  return columns;
}

function mean(numbers: readonly number[]): number {
  return numbers.length ? numbers.reduce((sum, one) => sum + one, 0) / numbers.length : 0;
}
