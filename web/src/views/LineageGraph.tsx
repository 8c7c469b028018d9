/** What led to a version and what was made of it: artifacts and runs, from left to right, each a link. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { LineageEdge, LineageNode } from "../api/types";
import { layout, type Placed } from "../lib/lineage";
import { artifactPath, runPath } from "../lib/routes";
import type { ArtifactState } from "../state/artifacts";
import { Link } from "./Link";
import { Problem } from "./Problem";
import { Waiting } from "./Waiting";

const WIDTH = 168;
const HEIGHT = 46;
const GAP = 56;
const ROW = 62;

export function LineageGraph({ of, state }: { of: string; state: ArtifactState }): JSX.Element {
  useEffect(() => {
    if (!state.lineage.peek().data) void state.fetchLineage();
  }, []);
  const { data, error } = state.lineage.value;
  const host = useRef<HTMLDivElement>(null);
  const placed = useMemo(() => layout(data?.nodes ?? [], data?.edges ?? []), [data]);
  // The version itself is in sight, in the middle if there is so much.
  useEffect(() => {
    const own = placed.nodes.find(({ node }) => node.id === of);
    if (own && host.current) host.current.scrollLeft = own.column * (WIDTH + GAP) + WIDTH / 2 - host.current.clientWidth / 2;
  }, [placed]);
  if (!data) return error ? <Problem message={error.message} retry={() => void state.fetchLineage()} /> : <Waiting />;
  const width = placed.columns * (WIDTH + GAP) - GAP;
  const height = placed.rows * ROW - (ROW - HEIGHT);
  return (
    <div class="lineage-box" ref={host}>
      <div class="lineage-graph" style={{ width: `${width}px`, height: `${height}px` }} role="group" aria-label="Lineage">
        <svg width={width} height={height} aria-hidden="true">
          {data.edges.map((edge) => <path key={`${edge.source} ${edge.target}`} d={curve(edge, placed.nodes)} />)}
        </svg>
        {placed.nodes.map((one) => <Node key={one.node.id} at={one} own={one.node.id === of} />)}
      </div>
      {data.more && <p class="soft preview-cut">There is more farther away.</p>}
    </div>
  );
}

function Node({ at: { node, column, row }, own }: { at: Placed<LineageNode>; own: boolean }): JSX.Element {
  const run = node.kind === "run";
  return (
    <Link
      class={`lineage-node ${node.kind}${own ? " own" : ""}`} href={address(node)} title={node.path} aria-current={own ? "true" : undefined}
      style={{ left: `${column * (WIDTH + GAP)}px`, top: `${row * ROW}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` }}
    >
      <span class="ellipsis">{node.name}</span>
      <span class="soft ellipsis">{run ? `run${node.type ? `, ${node.type}` : ""}` : node.type}{node.state === "deleted" ? ", deleted" : ""}</span>
    </Link>
  );
}

function address({ kind, entity, project, path, name }: LineageNode): string {
  const id = path.slice(entity.length + project.length + 2);
  if (kind === "run") return runPath(entity, project, id, "artifacts");
  const [collection = name, version] = id.split(":");
  return artifactPath(entity, project, collection, version);
}

function curve({ source, target }: LineageEdge, nodes: readonly Placed<LineageNode>[]): string {
  const [from, to] = [source, target].map((id) => nodes.find(({ node }) => node.id === id));
  if (!from || !to) return "";
  const [x1, y1] = [from.column * (WIDTH + GAP) + WIDTH, from.row * ROW + HEIGHT / 2];
  const [x2, y2] = [to.column * (WIDTH + GAP), to.row * ROW + HEIGHT / 2];
  return `M${x1} ${y1}C${x1 + GAP / 2} ${y1} ${x2 - GAP / 2} ${y2} ${x2} ${y2}`;
}
