/**
 * A console line with ANSI colour sequences as spans of plain text. Colours of the 16 are names, for the theme to fill in;
 * those of the 256 and of 24 bits are CSS colours. Sequences that are no colours are dropped, whatever else is text stays text.
 */

export interface Span {
  text: string;
  /** Name of one of the 16 colours (`red`, `bright-red`) or a CSS colour. */
  fg?: string;
  bg?: string;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  strike?: true;
}

type Look = Omit<Span, "text"> & { inverse?: true };

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
// CSI sequences, OSC sequences (titles, links) and lone escapes with one letter.
// oxlint-disable-next-line no-control-regex -- escape characters are what this is about
const sequence = /\u001b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g;

export function parseAnsi(line: string): Span[] {
  if (!line.includes("\u001b")) return line ? [{ text: line }] : [];
  const spans: Span[] = [];
  let look: Look = {};
  let from = 0;
  const push = (to: number): void => {
    if (to > from) spans.push(styled(line.slice(from, to), look));
  };
  for (const match of line.matchAll(sequence)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[2] === "m") look = apply(look, (match[1] ?? "").split(/[;:]/).map(Number));
  }
  push(line.length);
  return spans;
}

/** The line's text alone. */
export function stripAnsi(line: string): string {
  return line.includes("\u001b") ? line.replace(sequence, "") : line;
}

function styled(text: string, { inverse, ...look }: Look): Span {
  if (!inverse) return { text, ...look };
  return { text, ...look, fg: look.bg ?? "inverse", bg: look.fg ?? "inverse" };
}

function apply(before: Look, codes: number[]): Look {
  let look: Look = { ...before };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (code === 0) look = {};
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(codes, i + 1);
      if (colour) look[code === 38 ? "fg" : "bg"] = colour;
      i += used;
    } else look = one(look, code);
  }
  return look;
}

function one(look: Look, code: number): Look {
  const { fg: _fg, ...noFg } = look;
  const { bg: _bg, ...noBg } = look;
  if (code >= 30 && code <= 37) return { ...look, fg: names[code - 30] as string };
  if (code >= 90 && code <= 97) return { ...look, fg: `bright-${names[code - 90]}` };
  if (code >= 40 && code <= 47) return { ...look, bg: names[code - 40] as string };
  if (code >= 100 && code <= 107) return { ...look, bg: `bright-${names[code - 100]}` };
  if (code === 39) return noFg;
  if (code === 49) return noBg;
  const on = ({ 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike" } as const)[code as 1];
  if (on) return { ...look, [on]: true };
  const off = ({ 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["strike"] } as const)[code as 22];
  if (off) return Object.fromEntries(Object.entries(look).filter(([name]) => !(off as readonly string[]).includes(name)));
  return look;
}

/** The colour after a 38 or 48, and how many codes it took. */
function extended(codes: number[], at: number): [string | null, number] {
  if (codes[at] === 5) return [indexed(codes[at + 1] ?? 0), 2];
  if (codes[at] !== 2) return [null, 1];
  const [r, g, b] = [codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0].map((part) => Math.min(255, part || 0));
  return [`rgb(${r} ${g} ${b})`, 4];
}

function indexed(index: number): string {
  if (index < 8) return names[index] as string;
  if (index < 16) return `bright-${names[index - 8]}`;
  if (index < 232) {
    const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40);
    const cube = index - 16;
    return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
  }
  const grey = 8 + (Math.min(index, 255) - 232) * 10;
  return `rgb(${grey} ${grey} ${grey})`;
}
