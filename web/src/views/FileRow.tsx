/** A folder or a file in the list. The list has the focus and says which row the keyboard is at. */

import type { JSX } from "preact";
import type { FileView } from "../api/types";
import { shownName, type TreeRow } from "../lib/filetree";
import { formatAgo, formatBytes, formatDateTime } from "../lib/format";
import { now } from "../state/clock";
import { fileAddress } from "../state/place";
import { ChevronIcon, FileIcon, FolderIcon } from "./icons";
import { Link } from "./Link";

export interface FileRowProps {
  id: string;
  row: TreeRow<FileView>;
  active: boolean;
  /** It is the file that is open. */
  open: boolean;
  /** It was clicked: a folder opens or closes. */
  onTurn(): void;
}

export function FileRow({ id, row, active, open, onTurn }: FileRowProps): JSX.Element {
  const look = { id, class: `file-row${active ? " active" : ""}`, role: "treeitem" as const, "aria-level": row.depth + 1, tabIndex: -1 };
  const name = <span class="ellipsis">{shownName(row.name)}</span>;
  // The name of a file begins where those of folders beside it do.
  const indent = { paddingLeft: `${row.depth * 16 + (row.kind === "file" ? 22 : 0)}px` };
  if (row.kind === "folder") {
    const { count, size } = row.folder;
    return (
      <button type="button" {...look} aria-expanded={row.open} title={row.path} onClick={onTurn}>
        <span class="file-name" style={indent}><ChevronIcon /><FolderIcon />{name}<span class="count num">{count.toLocaleString("en")}<span class="visually-hidden"> {count === 1 ? "file" : "files"}</span></span></span>
        <span class="num">{formatBytes(size)}</span>
      </button>
    );
  }
  const { size, step, time } = row.file;
  const ago = formatAgo(time, now.value);
  return (
    <Link {...look} href={fileAddress(row.path)} aria-selected={open} title={row.path} onClickCapture={onTurn}>
      <span class="file-name" style={indent}><FileIcon />{name}</span>
      <span class="num">{formatBytes(size)}</span>
      <span class="num"><span class="visually-hidden">step </span>{step.toLocaleString("en")}</span>
      <span class="num file-when" title={formatDateTime(time)}>{ago}</span>
    </Link>
  );
}
