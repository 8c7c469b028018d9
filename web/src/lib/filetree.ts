/** Files by their folders, as the rows of a list that opens and closes. */

import { matches } from "./search";

export interface FileLike {
  path: string;
  size: number;
  step: number;
  time: number;
}

export interface Folder<F extends FileLike> {
  path: string;
  name: string;
  folders: Folder<F>[];
  files: F[];
  /** Of all files in it, however deep. */
  count: number;
  size: number;
}

export type TreeRow<F extends FileLike> =
  | { kind: "folder"; path: string; name: string; depth: number; folder: Folder<F>; open: boolean }
  | { kind: "file"; path: string; name: string; depth: number; file: F };

/** A folder of more files than this is closed until somebody opens it. */
export const MANY = 50;
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function toTree<F extends FileLike>(files: readonly F[], search = ""): Folder<F> {
  const root = folder<F>("", "");
  const byPath = new Map([["", root]]);
  const find = (path: string): Folder<F> => {
    const known = byPath.get(path);
    if (known) return known;
    const made = folder<F>(path, nameOf(path));
    byPath.set(path, made);
    find(parentOf(path)).folders.push(made);
    return made;
  };
  for (const file of files) {
    if (!matches(search, [file.path])) continue;
    let into: Folder<F> | null = find(parentOf(file.path));
    into.files.push(file);
    while (into) {
      into.count += 1;
      into.size += file.size;
      into = into === root ? null : find(parentOf(into.path));
    }
  }
  return root;
}

/** The rows that are to be seen: folders first, each sorted as people count (`ckpt-9` before `ckpt-10`). */
export function rowsOf<F extends FileLike>(root: Folder<F>, isOpen: (folder: Folder<F>) => boolean): TreeRow<F>[] {
  const rows: TreeRow<F>[] = [];
  const walk = (at: Folder<F>, depth: number): void => {
    for (const one of at.folders.toSorted((a, b) => collator.compare(a.name, b.name))) {
      const open = isOpen(one);
      rows.push({ kind: "folder", path: one.path, name: one.name, depth, folder: one, open });
      if (open) walk(one, depth + 1);
    }
    const named = at.files.map((file) => ({ file, name: nameOf(file.path) })).toSorted((a, b) => collator.compare(a.name, b.name));
    for (const { file, name } of named) rows.push({ kind: "file", path: file.path, name, depth, file });
  };
  walk(root, 0);
  return rows;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** A name as it is shown: characters that turn the direction of writing would make it look like another one. */
export function shownName(name: string): string {
  return name.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "�");
}

function folder<F extends FileLike>(path: string, name: string): Folder<F> {
  return { path, name, folders: [], files: [], count: 0, size: 0 };
}
