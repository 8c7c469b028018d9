/** A patch to read: its files, which open and close, and their lines, of which only those on the screen exist. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { type DiffFile, type DiffLine, type DiffRow, diffRows, parseDiff } from "../lib/diff";
import { plural } from "../lib/format";
import { shownLine } from "../lib/preview";
import { ChevronIcon } from "./icons";
import { VirtualList } from "./VirtualList";

const ROW = 22;
/** A file of more lines is closed until somebody opens it. */
const LONG = 1_500;

export function Diff({ text }: { text: string }): JSX.Element {
  const files = useMemo(() => parseDiff(text), [text]);
  const [turned, setTurned] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpen = (file: DiffFile): boolean => turned.get(file.path) ?? file.lines.length <= LONG;
  const rows = useMemo(() => diffRows(files, isOpen), [files, turned]);
  const all = (open: boolean): void => setTurned(new Map(files.map((file) => [file.path, open])));
  if (!files.length) return <p class="soft file-note">This patch cannot be shown as changes of files. It is among the run's files.</p>;
  const sum = (of: (file: DiffFile) => number): string => files.reduce((total, file) => total + of(file), 0).toLocaleString("en");
  return (
    <>
      <div class="diff-bar">
        <span class="num">{plural(files.length, "file")}</span>
        <span class="num diff-added">+{sum((file) => file.added)}</span>
        <span class="num diff-removed">−{sum((file) => file.removed)}</span>
        <span class="toolbar-space" />
        <button type="button" class="chip" onClick={() => all(true)}>Open all</button>
        <button type="button" class="chip" onClick={() => all(false)}>Close all</button>
      </div>
      <VirtualList
        class="lines diff" total={rows.length} rowHeight={ROW} label="Changed lines"
        row={(index) => <Row key={index} row={rows[index] as DiffRow} onTurn={(file) => setTurned(new Map(turned).set(file.path, !isOpen(file)))} />}
      />
    </>
  );
}

function Row({ row, onTurn }: { row: DiffRow; onTurn(file: DiffFile): void }): JSX.Element {
  if (row.kind === "line") return <Line line={row.line} />;
  const { file, open } = row;
  return (
    <button type="button" class="diff-file" aria-expanded={open} onClick={() => onTurn(file)}>
      <ChevronIcon />
      <span class="diff-path">{file.from !== null && <span class="soft">{file.from} → </span>}{file.path}</span>
      {file.change !== "changed" && <span class="tag">{file.change}</span>}
      {file.binary && <span class="tag">binary</span>}
      {file.added > 0 && <span class="num diff-added">+{file.added.toLocaleString("en")}</span>}
      {file.removed > 0 && <span class="num diff-removed">−{file.removed.toLocaleString("en")}</span>}
    </button>
  );
}

const marks: Partial<Record<DiffLine["kind"], string>> = { added: "+", removed: "−" };

function Line({ line }: { line: DiffLine }): JSX.Element {
  return (
    <div class={`diff-line ${line.kind}`}>
      <span class="diff-number" aria-hidden="true">{line.before || ""}</span>
      <span class="diff-number" aria-hidden="true">{line.after || ""}</span>
      <span class="diff-mark">{marks[line.kind] ?? ""}</span>
      <code>{shownLine(line.text)}</code>
    </div>
  );
}
