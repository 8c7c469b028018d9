/** What is in a version: its files, of which one is shown, and references. */

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { entryUrl } from "../api/resources";
import type { Artifact, Entry } from "../api/types";
import { nameOf, parentOf, shownName } from "../lib/filetree";
import { formatBytes } from "../lib/format";
import { matches } from "../lib/search";
import type { ArtifactState } from "../state/artifacts";
import { DownloadIcon, FileIcon } from "./icons";
import { FilePreview } from "./FilePreview";
import { Problem } from "./Problem";
import { SearchField } from "./SearchField";
import { VirtualList } from "./VirtualList";
import { Waiting } from "./Waiting";

const ROW = 30;
const HIGHEST = 300;
const SEARCHABLE = 8;

export function ArtifactFiles({ artifact, state }: { artifact: Artifact; state: ArtifactState }): JSX.Element {
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<string | null>(null);
  useEffect(() => {
    if (!state.entries.peek().data) void state.fetchEntries();
  }, []);
  const { data, error } = state.entries.value;
  const found = useMemo(() => (data ?? []).filter((one) => matches(search, [one.path])), [data, search]);
  if (!data) return error ? <Problem message={error.message} retry={() => void state.fetchEntries()} /> : <Waiting />;
  const shown = data.find((one) => one.path === open);
  return (
    <div class="artifact-files">
      {data.length > SEARCHABLE && (
        <SearchField label="Find files" value={search} onInput={setSearch} />
      )}
      <div class="preview-box" style={{ height: `${Math.min(HIGHEST, Math.max(1, found.length) * ROW + 2)}px` }}>
        <VirtualList
          class="file-rows" total={found.length} rowHeight={ROW} label="Files of the artifact"
          row={(index) => {
            const one = found[index];
            return one ? <Row key={one.path} entry={one} open={one.path === open} onOpen={() => setOpen(one.path === open ? null : one.path)} /> : <></>;
          }}
        />
      </div>
      {state.next.value !== null && <button type="button" class="button" onClick={() => void state.fetchEntries()}>Show more of {artifact.count.toLocaleString("en")} files</button>}
      {shown && <Shown artifact={artifact} entry={shown} />}
    </div>
  );
}

function Row({ entry, open, onOpen }: { entry: Entry; open: boolean; onOpen(): void }): JSX.Element {
  const folder = parentOf(entry.path);
  return (
    <button type="button" class="file-row entry-row" aria-expanded={open} title={entry.path} onClick={onOpen}>
      <span class="file-name"><FileIcon /><span class="ellipsis">{folder && <span class="soft">{shownName(folder)}/</span>}{shownName(nameOf(entry.path))}</span></span>
      {entry.ref && <span class="tag">reference</span>}
      <span class="num">{entry.size ? formatBytes(entry.size) : ""}</span>
    </button>
  );
}

function Shown({ artifact, entry }: { artifact: Artifact; entry: Entry }): JSX.Element {
  if (entry.ref) return <p class="file-note">Kept elsewhere, at <span class="mono">{entry.ref}</span></p>;
  const url = entryUrl(artifact.entity, artifact.project, artifact.name, `v${artifact.version}`, entry.path);
  return (
    <section aria-label={`File ${entry.path}`}>
      <p class="file-facts num">
        <span class="mono">{shownName(entry.path)}</span>
        <a class="button" href={url} download={nameOf(entry.path)}><DownloadIcon /> Download</a>
      </p>
      <FilePreview key={entry.sha256} file={entry} url={url} />
    </section>
  );
}
