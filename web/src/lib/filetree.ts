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
  parent: Folder<F> | null;
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

/** As people count: `ckpt-9` before `ckpt-10`. Slow for many, so it is done once, before any search. */
export function byName<F extends FileLike>(files: readonly F[]): F[] {
  const named = files.map((file) => ({ file, name: nameOf(file.path) }));
  return named.toSorted((a, b) => collator.compare(a.name, b.name)).map(({ file }) => file);
}

/** `files`, which are by name, in their folders. */
export function toTree<F extends FileLike>(files: readonly F[], search = ""): Folder<F> {
  const root = newFolder<F>("", "");
  const byPath = new Map([["", root]]);
  const find = (path: string): Folder<F> => {
    const known = byPath.get(path);
    if (known) return known;
    const made = newFolder<F>(path, nameOf(path));
    byPath.set(path, made);
    made.parent = find(parentOf(path));
    made.parent.folders.push(made);
    return made;
  };
  for (const file of files) {
    if (!matches(search, [file.path])) continue;
    const folder = find(parentOf(file.path));
    folder.files.push(file);
    for (let into: Folder<F> | null = folder; into; into = into.parent) {
      into.count += 1;
      into.size += file.size;
    }
  }
  return root;
}

/** The rows that are to be seen: folders first. */
export function rowsOf<F extends FileLike>(root: Folder<F>, isOpen: (folder: Folder<F>) => boolean): TreeRow<F>[] {
  const rows: TreeRow<F>[] = [];
  const walk = (at: Folder<F>, depth: number): void => {
    for (const one of at.folders.toSorted((a, b) => collator.compare(a.name, b.name))) {
      const open = isOpen(one);
      rows.push({ kind: "folder", path: one.path, name: one.name, depth, folder: one, open });
      if (open) walk(one, depth + 1);
    }
    for (const file of at.files) rows.push({ kind: "file", path: file.path, name: nameOf(file.path), depth, file });
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

function newFolder<F extends FileLike>(path: string, name: string): Folder<F> {
  return { path, name, parent: null, folders: [], files: [], count: 0, size: 0 };
}
