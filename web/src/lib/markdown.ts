/**
 * Markdown as a tree, for notes: headings, lists, tables, code, links. There is no HTML in it: what looks like a tag is text, and only
 * addresses of http, https and mailto become links.
 */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "break" }
  | { kind: "strong" | "em" | "del"; of: Inline[] }
  | { kind: "link"; href: string; of: Inline[] };

export interface Item {
  /** Of a list of tasks; null: it is none. */
  checked: boolean | null;
  of: Block[];
}

export type Block =
  | { kind: "heading"; level: number; of: Inline[] }
  | { kind: "paragraph"; of: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; of: Block[] }
  | { kind: "list"; start: number | null; items: Item[] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

/** Lists and quotes in each other; what is deeper is text. */
const DEEPEST = 8;
/** Characters that are read as Markdown; the rest is plain text. */
const LONGEST = 100_000;

export function parseMarkdown(text: string): Block[] {
  const found = blocks(text.slice(0, LONGEST).replaceAll("\r\n", "\n").split("\n"), 0);
  return text.length > LONGEST ? [...found, { kind: "paragraph", of: [{ kind: "text", text: text.slice(LONGEST) }] }] : found;
}

const FENCE = /^ {0,3}(```+|~~~+)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const MARKER = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)/;
const QUOTE = /^ {0,3}> ?/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function blocks(lines: readonly string[], depth: number): Block[] {
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] as string;
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (!line.trim()) at += 1;
    else if (fence) [at] = code(lines, at, fence[1] as string, found);
    else if (heading) [at] = [at + 1, found.push({ kind: "heading", level: (heading[1] as string).length, of: inlines(heading[2] as string) })];
    else if (RULE.test(line)) [at] = [at + 1, found.push({ kind: "rule" })];
    else if (depth < DEEPEST && QUOTE.test(line)) {
      const inside = taken(lines, at, (one) => QUOTE.test(one));
      found.push({ kind: "quote", of: blocks(inside.map((one) => one.replace(QUOTE, "")), depth + 1) });
      at += inside.length;
    } else if (depth < DEEPEST && MARKER.test(line)) at = list(lines, at, depth, found);
    else if (line.includes("|") && DIVIDER.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-")) {
      const rows = taken(lines, at, (one) => one.includes("|"));
      found.push({ kind: "table", head: cells(line), rows: rows.slice(2).map(cells) });
      at += Math.max(2, rows.length);
    } else {
      const own = taken(lines, at, (one, index) => index === at || !(FENCE.test(one) || HEADING.test(one) || RULE.test(one) || (depth < DEEPEST && (QUOTE.test(one) || MARKER.test(one)))));
      found.push({ kind: "paragraph", of: inlines(own.map((one) => one.trimStart()).join("\n")) });
      at += own.length;
    }
  }
  return found;
}

/** Lines from `from` on while they are such, up to an empty one. */
function taken(lines: readonly string[], from: number, such: (line: string, index: number) => boolean): string[] {
  let to = from;
  while (to < lines.length && (lines[to] as string).trim() && such(lines[to] as string, to)) to += 1;
  return lines.slice(from, to);
}

function code(lines: readonly string[], from: number, fence: string, found: Block[]): [number] {
  let to = from + 1;
  while (to < lines.length && !(lines[to] as string).trim().startsWith(fence)) to += 1;
  found.push({ kind: "code", text: lines.slice(from + 1, to).join("\n") });
  return [to + 1];
}

function list(lines: readonly string[], from: number, depth: number, found: Block[]): number {
  const first = MARKER.exec(lines[from] as string) as RegExpExecArray;
  const ordered = /\d/.test(first[2] as string);
  const items: Item[] = [];
  let at = from;
  for (;;) {
    const marker = at < lines.length ? MARKER.exec(lines[at] as string) : null;
    if (!marker || /\d/.test(marker[2] as string) !== ordered || RULE.test(lines[at] as string)) break;
    const indent = Math.min(marker[0].length, (marker[1] as string).length + (marker[2] as string).length + 1);
    const own = [(lines[at] as string).slice(marker[0].length)];
    at += 1;
    // What is indented belongs to the item, across empty lines too; so does what goes on without a blank.
    while (at < lines.length) {
      const line = lines[at] as string;
      const inner = line.search(/\S/) >= indent;
      const next = lines.slice(at).find((one) => one.trim());
      if (!line.trim() ? !(next !== undefined && next.search(/\S/) >= indent) : !inner && (MARKER.test(line) || QUOTE.test(line) || HEADING.test(line) || FENCE.test(line) || !(own.at(-1) ?? "").trim())) break;
      own.push(inner ? line.slice(indent) : line);
      at += 1;
    }
    const task = /^\[([ xX])\]\s+/.exec(own[0] ?? "");
    if (task) own[0] = (own[0] as string).slice(task[0].length);
    items.push({ checked: task ? task[1] !== " " : null, of: blocks(own, depth + 1) });
    const gap = lines.slice(at).findIndex((one) => one.trim());
    if (gap > 0 && MARKER.test(lines[at + gap] as string)) at += gap;
  }
  found.push({ kind: "list", start: ordered ? Number.parseInt(first[2] as string, 10) : null, items });
  return at;
}

function cells(line: string): Inline[][] {
  const inner = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => inlines(cell.trim().replaceAll("\\|", "|")));
}

const SAFE = /^(?:https?:\/\/|mailto:)[^\s]+$/i;
// What something may begin with; everything before it is text.
const BEGINS = /\\[!-/:-@[-`{-~]|`+|\*\*|__|~~|\*|_|!?\[|<?https?:\/\/| {2,}\n|\\\n/g;

export function inlines(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  let from = 0;
  const say = (to: number): void => {
    if (to > from) found.push({ kind: "text", text: text.slice(from, to) });
  };
  /** From where on no emphasis of a mark ends any more: looked for once. */
  const over = new Map<string, number>();
  const begins = new RegExp(BEGINS);
  for (let match = begins.exec(text); match; match = begins.exec(text)) {
    const part = depth < DEEPEST ? partAt(text, match.index, match[0], depth, over) : null;
    if (!part) {
      begins.lastIndex = match.index + match[0].length;
      continue;
    }
    say(match.index);
    found.push(part.inline);
    from = begins.lastIndex = part.end;
  }
  say(text.length);
  return found;
}

interface Part {
  inline: Inline;
  end: number;
}

function partAt(text: string, at: number, mark: string, depth: number, over: Map<string, number>): Part | null {
  const end = at + mark.length;
  if (mark.endsWith("\n")) return { inline: { kind: "break" }, end };
  if (mark.startsWith("\\")) return { inline: { kind: "text", text: mark.slice(1) }, end };
  if (mark.startsWith("`")) {
    const close = text.indexOf(mark, end);
    return close > end ? { inline: { kind: "code", text: text.slice(end, close).replaceAll("\n", " ") }, end: close + mark.length } : null;
  }
  if (mark.endsWith("[")) return link(text, at, end, depth);
  if (mark.includes("http")) return address(text, at, mark);
  // Within a word an underscore is one.
  if (mark.startsWith("_") && /\w/.test(text[at - 1] ?? "")) return null;
  if (at >= (over.get(mark) ?? Infinity)) return null;
  const close = closing(text, end, mark);
  if (close < 0) {
    if (!/\s/.test(text[end] ?? " ")) over.set(mark, at);
    return null;
  }
  const kind = mark === "~~" ? "del" : mark.length === 2 ? "strong" : "em";
  return { inline: { kind, of: inlines(text.slice(end, close), depth + 1) }, end: close + mark.length };
}

/** Where emphasis ends; −1 if it does not. */
function closing(text: string, from: number, mark: string): number {
  if (/\s/.test(text[from] ?? " ")) return -1;
  for (let at = text.indexOf(mark, from + 1); at >= 0; at = text.indexOf(mark, at + 1)) {
    const double = mark.length === 1 && (text[at + 1] === mark || text[at - 1] === mark);
    const inWord = mark.startsWith("_") && /\w/.test(text[at + mark.length] ?? "");
    if (!double && !inWord && !/[\s\\]/.test(text[at - 1] ?? "")) return at;
  }
  return -1;
}

/** `[text](address)`; an image is a link to it, for the page shows nothing from elsewhere. */
function link(text: string, at: number, from: number, depth: number): Part | null {
  const middle = text.indexOf("](", from);
  const end = middle < 0 ? -1 : text.indexOf(")", middle);
  if (end < 0 || text.slice(from, middle).includes("\n\n")) return null;
  const href = text.slice(middle + 2, end).trim().replace(/\s+"[^"]*"$/, "").replace(/^<(.*)>$/, "$1");
  if (!SAFE.test(href)) return null;
  const of = inlines(text.slice(from, middle), depth + 1);
  return { inline: { kind: "link", href, of: of.length ? of : [{ kind: "text", text: text[at] === "!" ? "image" : href }] }, end: end + 1 };
}

function address(text: string, at: number, mark: string): Part | null {
  const from = mark.startsWith("<") ? at + 1 : at;
  const found = /^[^\s<>"'`]+/.exec(text.slice(from));
  const href = (found?.[0] ?? "").replace(/[.,;:!?)\]]+$/, "");
  if (!SAFE.test(href) || href.length <= "https://".length) return null;
  const end = from + href.length;
  return { inline: { kind: "link", href, of: [{ kind: "text", text: href }] }, end: mark.startsWith("<") && text[end] === ">" ? end + 1 : end };
}
