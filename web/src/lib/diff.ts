/** A patch as git writes it, file by file. What is no patch has no files. */

import { linesOf } from "./preview";

export interface DiffLine {
  kind: "hunk" | "same" | "added" | "removed" | "note";
  /** Numbers of the line before and after; 0 where it is not. */
  before: number;
  after: number;
  text: string;
}

export interface DiffFile {
  path: string;
  /** What it was called before, if it was called something else. */
  from: string | null;
  change: "changed" | "added" | "deleted" | "renamed";
  binary: boolean;
  added: number;
  removed: number;
  lines: DiffLine[];
}

export type DiffRow = { kind: "file"; file: DiffFile; open: boolean } | { kind: "line"; file: DiffFile; line: DiffLine };

export function parseDiff(text: string): DiffFile[] {
  const files: DiffFile[] = [];
  let file: DiffFile | null = null;
  let [before, after, left, right] = [0, 0, 0, 0];
  for (const line of linesOf(text)) {
    // Within a hunk the counts of its head tell what belongs to it, whatever the line looks like.
    if (file && (left > 0 || right > 0 || line.startsWith("\\"))) {
      const kind = kinds[line[0] ?? " "] ?? "same";
      if (kind === "note") file.lines.push({ kind, before: 0, after: 0, text: line.slice(2) });
      else {
        file.lines.push({ kind, before: kind === "added" ? 0 : before, after: kind === "removed" ? 0 : after, text: line.slice(1) });
        if (kind !== "added") [before, left] = [before + 1, left - 1];
        if (kind !== "removed") [after, right] = [after + 1, right - 1];
        if (kind === "added") file.added += 1;
        if (kind === "removed") file.removed += 1;
      }
      continue;
    }
    if (line.startsWith("diff --git ")) {
      file = { path: pathOf(line), from: null, change: "changed", binary: false, added: 0, removed: 0, lines: [] };
      files.push(file);
      continue;
    }
    if (!file) continue;
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$/.exec(line);
    if (hunk) {
      [before, left, after, right] = [Number(hunk[1]), Number(hunk[2] ?? 1), Number(hunk[3]), Number(hunk[4] ?? 1)];
      file.lines.push({ kind: "hunk", before: 0, after: 0, text: line });
    } else head(file, line);
  }
  return files;
}

const kinds: Record<string, DiffLine["kind"]> = { "+": "added", "-": "removed", "\\": "note", " ": "same" };

/** A line of a file's head: what happened to the file. */
function head(file: DiffFile, line: string): void {
  const after = (start: string): string | null => (line.startsWith(start) ? unquoted(line.slice(start.length)) : null);
  if (line.startsWith("new file")) file.change = "added";
  else if (line.startsWith("deleted file")) file.change = "deleted";
  else if (line.startsWith("GIT binary patch") || line.startsWith("Binary files")) file.binary = true;
  const from = after("rename from ");
  if (from !== null) [file.from, file.change] = [from, "renamed"];
  file.path = after("rename to ") ?? after("+++ b/") ?? (file.change === "deleted" ? after("--- a/") : null) ?? file.path;
}

function pathOf(line: string): string {
  const quotes = /"b\/((?:[^"\\]|\\.)*)"$/.exec(line);
  if (quotes) return unquoted(`"${quotes[1]}"`);
  const half = (line.length - "diff --git ".length - 1) / 2;
  // Both names are the same unless it was renamed, which a later line tells.
  return line.slice(-half).replace(/^b\//, "");
}

/** Git puts names with odd characters in quotes, and their bytes in octal. */
function unquoted(name: string): string {
  const plain = name.replace(/\t$/, "");
  if (!plain.startsWith('"')) return plain;
  const bytes: number[] = [];
  const inside = plain.slice(1).replace(/"$/, "").replace(/^[ab]\//, "");
  for (let at = 0; at < inside.length; at++) {
    const octal = /^\\([0-7]{3})/.exec(inside.slice(at, at + 4));
    if (octal) [bytes[bytes.length], at] = [Number.parseInt(octal[1] ?? "0", 8), at + 3];
    else if (inside[at] === "\\") bytes.push(...new TextEncoder().encode(escapes[inside[++at] ?? ""] ?? inside[at] ?? ""));
    else bytes.push(...new TextEncoder().encode(inside[at]));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r" };

/** The rows that are to be seen. */
export function diffRows(files: readonly DiffFile[], isOpen: (file: DiffFile) => boolean): DiffRow[] {
  return files.flatMap((file): DiffRow[] => {
    const open = isOpen(file);
    return [{ kind: "file", file, open }, ...(open ? file.lines.map((line): DiffRow => ({ kind: "line", file, line })) : [])];
  });
}
