/** Markdown, drawn from its tree: no text ever becomes markup. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { type Block, type Inline, type Item, parseMarkdown } from "../lib/markdown";

export function Markdown({ text }: { text: string }): JSX.Element {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  // The page has headings of its own above: these go on below them, whatever they begin with.
  const top = Math.min(...blocks.map((part) => (part.kind === "heading" ? part.level : 6)));
  return <div class="markdown">{blocks.map((part, key) => (part.kind === "heading" ? heading(part.level, part.level - top, part.of, key) : block(part, key)))}</div>;
}

function heading(level: number, below: number, of: readonly Inline[], key: number): JSX.Element {
  return <p key={key} class={`markdown-heading level-${level}`} role="heading" aria-level={Math.min(6, below + 3)}>{of.map(inline)}</p>;
}

function block(part: Block, key: number): JSX.Element {
  switch (part.kind) {
    case "heading": return heading(part.level, 1, part.of, key);
    case "paragraph": return <p key={key}>{part.of.map(inline)}</p>;
    case "code": return <pre key={key} tabIndex={0}><code>{part.text}</code></pre>;
    case "quote": return <blockquote key={key}>{part.of.map(block)}</blockquote>;
    case "list": return part.start === null ? <ul key={key}>{part.items.map(item)}</ul> : <ol key={key} start={part.start}>{part.items.map(item)}</ol>;
    case "table": return <Table key={key} head={part.head} rows={part.rows} />;
    case "rule": return <hr key={key} />;
  }
}

function item({ checked, of }: Item, key: number): JSX.Element {
  const only = of.length && of[0]?.kind === "paragraph" ? [<span key="first">{of[0].of.map(inline)}</span>, ...of.slice(1).map(block)] : of.map(block);
  return <li key={key} class={checked === null ? "" : "task"}>{checked !== null && <input type="checkbox" checked={checked} disabled aria-label={checked ? "done" : "to do"} />}{only}</li>;
}

function Table({ head, rows }: { head: readonly Inline[][]; rows: readonly Inline[][][] }): JSX.Element {
  return (
    <div class="markdown-table" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead><tr>{head.map((cell, at) => <th key={at} scope="col">{cell.map(inline)}</th>)}</tr></thead>
        <tbody>{rows.map((row, at) => <tr key={at}>{head.map((_, column) => <td key={column}>{row[column]?.map(inline)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function inline(part: Inline, key: number): JSX.Element | string {
  switch (part.kind) {
    case "text": return part.text;
    case "code": return <code key={key}>{part.text}</code>;
    case "break": return <br key={key} />;
    case "strong": return <strong key={key}>{part.of.map(inline)}</strong>;
    case "em": return <em key={key}>{part.of.map(inline)}</em>;
    case "del": return <del key={key}>{part.of.map(inline)}</del>;
    case "link": return <a key={key} href={part.href} target="_blank" rel="noreferrer noopener nofollow">{part.of.map(inline)}</a>;
  }
}
