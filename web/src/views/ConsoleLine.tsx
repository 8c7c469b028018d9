/** One line of the console, in its colours. Everything is text: nothing of a line can become markup. */

import type { JSX } from "preact";
import type { ConsoleLine as Line } from "../api/types";
import { parseAnsi, type Span, stripAnsi } from "../lib/ansi";
import { formatDateTime } from "../lib/format";
import { occurrences } from "../lib/search";

export interface ConsoleLineProps {
  number: number;
  line: Line | undefined;
  needle: string;
  current: boolean;
}

export function ConsoleLine({ number, line, needle, current }: ConsoleLineProps): JSX.Element {
  const error = line?.stream === "stderr";
  return (
    <div class={`line${error ? " stderr" : ""}${current ? " current" : ""}`}>
      <span class="line-number" title={line ? `step ${line.step}, ${formatDateTime(line.time)}${error ? ", stderr" : ""}${line.label ? `, ${line.label}` : ""}` : ""}>{number + 1}</span>
      {line?.label && <span class="line-label">{line.label}</span>}
      <code class="line-text">{line ? content(line.text, needle) : ""}</code>
    </div>
  );
}

function content(text: string, needle: string): JSX.Element | JSX.Element[] {
  const found = needle ? occurrences(stripAnsi(text), needle) : [];
  if (found.length) return <>{marked(stripAnsi(text), found)}</>;
  return parseAnsi(text).map((span, index) => (
    <span key={index} class={classes(span)} style={colours(span)}>
      {span.text}
    </span>
  ));
}

function marked(text: string, found: [number, number][]): (string | JSX.Element)[] {
  const parts: (string | JSX.Element)[] = [];
  let from = 0;
  for (const [begin, end] of found) {
    parts.push(text.slice(from, begin), <mark key={begin}>{text.slice(begin, end)}</mark>);
    from = end;
  }
  return [...parts, text.slice(from)];
}

function classes({ fg, bg, bold, dim, italic, underline, strike }: Span): string {
  const on = { bold, dim, italic, underline, strike };
  const names = Object.entries(on).filter(([, value]) => value).map(([name]) => `a-${name}`);
  if (fg && !fg.startsWith("rgb")) names.push(`fg-${fg}`);
  if (bg && !bg.startsWith("rgb")) names.push(`bg-${bg}`);
  return names.join(" ");
}

function colours({ fg, bg }: Span): Record<string, string> {
  return { ...(fg?.startsWith("rgb") ? { color: fg } : {}), ...(bg?.startsWith("rgb") ? { backgroundColor: bg } : {}) };
}
