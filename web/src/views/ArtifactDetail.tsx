/** One artifact: its versions, and of the one that is open what it is, what is in it and where it comes from. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Artifact } from "../api/types";
import { useOwned } from "../charts/useOwned";
import { shownName } from "../lib/filetree";
import { formatBytes, formatDateTime, formatDuration, plural } from "../lib/format";
import { artifactPath, runPath } from "../lib/routes";
import { ArtifactState, VersionsState } from "../state/artifacts";
import { ArtifactFiles } from "./ArtifactFiles";
import { ArtifactVersions } from "./ArtifactVersions";
import { Code } from "./Code";
import { Copy } from "./Copy";
import { CrossIcon } from "./icons";
import { LineageGraph } from "./LineageGraph";
import { Link } from "./Link";
import { Problem } from "./Problem";
import { Segmented } from "./Segmented";
import { Values } from "./Values";
import { Waiting } from "./Waiting";

const looks = [["files", "Files"], ["metadata", "Metadata"], ["lineage", "Lineage"]] as const;
type Look = (typeof looks)[number][0];

export interface ArtifactDetailProps {
  entity: string;
  project: string;
  name: string;
  /** `v3` or an alias; null: the newest. */
  version: string | null;
}

export function ArtifactDetail({ entity, project, name, version }: ArtifactDetailProps): JSX.Element {
  const state = useOwned(() => new VersionsState(entity, project, name));
  const host = useRef<HTMLElement>(null);
  const [look, setLook] = useState<Look>("files");
  // On a narrow window it stands below the list.
  useEffect(() => host.current?.scrollIntoView({ block: "nearest" }), []);
  const { data, error } = state.versions.value;
  const first = data?.[0];
  const shown = version ?? (first ? `v${first.version}` : null);
  return (
    <section class="card file-detail artifact-detail" ref={host} aria-label={`Artifact ${name}`}>
      <header class="file-head">
        <h2 title={name}>{shownName(name)}</h2>
        <Link class="icon-button" href={artifactPath(entity, project)} aria-label="Close the artifact" title="Close"><CrossIcon /></Link>
      </header>
      {error && <Problem message={error.message} retry={() => void state.look()} />}
      {!data && !error && <Waiting />}
      {shown !== null && <Version key={shown} {...{ entity, project, name, look }} version={shown} onLook={setLook} />}
      {data && <ArtifactVersions {...{ entity, project, name }} state={state} open={shown} />}
    </section>
  );
}

interface VersionProps {
  entity: string;
  project: string;
  name: string;
  version: string;
  look: Look;
  onLook(look: Look): void;
}

function Version({ entity, project, name, version, look, onLook }: VersionProps): JSX.Element {
  const state = useOwned(() => new ArtifactState(entity, project, name, version));
  useEffect(() => void state.fetch(), []);
  const { data: artifact, error } = state.artifact.value;
  if (!artifact) return error ? <Problem message={error.message} retry={() => void state.fetch()} /> : <Waiting />;
  const path = `${artifact.entity}/${artifact.project}/${artifact.name}:v${artifact.version}`;
  return (
    <>
      <Facts artifact={artifact} />
      {artifact.description && <p class="artifact-about">{artifact.description}</p>}
      <Segmented label="Of this version" options={looks} value={look} onChange={onLook} />
      {look === "files" && <ArtifactFiles artifact={artifact} state={state} />}
      {look === "metadata" && <Values title="Metadata" values={artifact.metadata} none="Nothing was said of it." />}
      {look === "lineage" && <LineageGraph of={artifact.id} state={state} />}
      <h3>In Python</h3>
      <Code text={`artifact = run.use_artifact(${JSON.stringify(path)})\nfolder = artifact.download()`} />
    </>
  );
}

function Facts({ artifact }: { artifact: Artifact }): JSX.Element {
  const made = artifact.logged_by;
  return (
    <div class="file-facts num artifact-facts">
      <strong>v{artifact.version}</strong>
      {artifact.aliases.map((alias) => <span key={alias} class="tag alias">{alias}</span>)}
      {artifact.tags.map((tag) => <span key={tag} class="tag">{tag}</span>)}
      <span>{artifact.type}</span>
      <span title={`${artifact.size.toLocaleString("en")} bytes`}>{plural(artifact.count, "file")}, {formatBytes(artifact.size)}</span>
      {artifact.committed_at !== null && <span>{formatDateTime(artifact.committed_at)}</span>}
      {made && (
        <span>by <Link class="link" href={`${runPath(made.entity, made.project, made.run_id, "artifacts")}?segment=${encodeURIComponent(made.segment)}&step=${made.step}`}>{made.name}</Link> at step {made.step.toLocaleString("en")}</span>
      )}
      {artifact.ttl !== null && <span title="Counted from its commit">kept for {formatDuration(artifact.ttl)}</span>}
      {artifact.source && <span>link to <span class="mono">{artifact.source}</span></span>}
      <span class="file-digest">Digest <span class="mono" title={artifact.digest}>{artifact.digest.slice(0, 12)}…</span> <Copy text={artifact.digest} what="the digest" /></span>
    </div>
  );
}
