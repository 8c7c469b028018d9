/** Files by their folders: a tree that the keyboard walks through, of which only the rows on the screen exist. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { byName, type Folder, MANY, rowsOf, toTree } from "../lib/filetree";
import { formatBytes, plural } from "../lib/format";
import type { FileView } from "../api/types";
import { type FilesState, MAX_FILES } from "../state/files";
import { navigate } from "../state/location";
import { file as opened, fileAddress, step } from "../state/place";
import { FileRow } from "./FileRow";
import { SearchField } from "./SearchField";
import { VirtualList } from "./VirtualList";

const ROW = 30;

export interface FileTreeProps {
  state: FilesState;
  media: boolean;
  onMedia(media: boolean): void;
}

export function FileTree({ state, media, onMedia }: FileTreeProps): JSX.Element {
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const scrollTo = useRef<((row: number, near?: boolean) => void) | null>(null);
  const found = state.files.value;
  const files = useMemo(() => byName(found ?? []), [found]);
  const turned = state.turned.value;
  const tree = useMemo(() => toTree(files, search), [files, search]);
  const isOpen = (folder: Folder<FileView>): boolean => search !== "" || (turned.get(folder.path) ?? folder.count <= MANY);
  const rows = useMemo(() => rowsOf(tree, isOpen), [tree, turned, search]);
  const at = Math.min(active, rows.length - 1);

  const go = (to: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    scrollTo.current?.(next, true);
  };
  // The file that is open is in sight, however one came to it: once, for what is shown moves while one scrolls.
  const sought = useRef<string | null>(null);
  const name = opened.value;
  useEffect(() => {
    const index = name === sought.current ? -1 : rows.findIndex((row) => row.kind === "file" && row.path === name);
    if (name === null) sought.current = null;
    if (index < 0) return;
    sought.current = name;
    go(index);
  }, [rows, name]);
  const key = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const turn = (open: boolean): boolean => {
      if (row.kind !== "folder" || row.open === open || search) return false;
      state.turn(row.path, open);
      return true;
    };
    const deeds: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      PageDown: () => go(at + 15),
      PageUp: () => go(at - 15),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => void (turn(true) || (row.kind === "folder" && go(at + 1))),
      ArrowLeft: () => void (turn(false) || go(rows.findLastIndex((one, index) => index < at && one.depth < row.depth))),
      Enter: () => (row.kind === "folder" ? void turn(!row.open) : navigate(fileAddress(row.path))),
      " ": () => deeds["Enter"]?.(),
    };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  };
  return (
    <section class="card file-list" aria-label="Files">
      <div class="file-bar" role="toolbar" aria-label="Files">
        <SearchField label="Find files" value={search} onInput={setSearch} />
        <button type="button" class="chip" aria-pressed={media} onClick={() => onMedia(!media)} title="What log() stored: images and the like">Media</button>
        <span class="toolbar-space" />
        <span class="soft num" role="status">{search ? `${tree.count.toLocaleString("en")} of ` : ""}{plural(files.length, "file")}, {formatBytes(tree.size)}</span>
      </div>
      <Notes state={state} />
      <div class="file-columns" aria-hidden="true"><span>Name</span><span>Size</span><span>Step</span><span class="file-when">Saved</span></div>
      {rows.length > 0 ? (
        <VirtualList
          class="file-rows" total={rows.length} rowHeight={ROW} label="Files and folders" role="tree" active={`file-row-${at}`}
          scrollTo={scrollTo} onKeyDown={key}
          row={(index) => {
            const row = rows[index];
            if (!row) return <></>;
            return (
              <FileRow
                key={`${row.kind}/${row.path}`} id={`file-row-${index}`} row={row} active={index === at} open={row.path === opened.value}
                onTurn={() => {
                  setActive(index);
                  if (row.kind === "folder" && !search) state.turn(row.path, !row.open);
                }}
              />
            );
          }}
        />
      ) : (
        <p class="soft pad">{search ? `No file has “${search}” in its name.` : state.files.value ? `No files ${step.value === null ? "yet" : `at step ${step.value.toLocaleString("en")}`}.` : ""}</p>
      )}
    </section>
  );
}

function Notes({ state }: { state: FilesState }): JSX.Element | null {
  const notes = [
    state.more.value && `Only the first ${MAX_FILES.toLocaleString("en")} files are listed.`,
    state.leftOut.value > 0 && `${plural(state.leftOut.value, "record")} of files cannot be shown: their name or digest is no good.`,
  ].filter((note) => note !== false);
  return (
    <>
      {state.error.value && <p class="error file-note" role="alert">{state.error.value}</p>}
      {notes.map((note) => <p key={note} class="warning file-note">{note}</p>)}
    </>
  );
}
