/** JSON as a tree whose parts open and close. What is none is shown as text. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { type JsonRow, jsonRows, parseJson } from "../lib/json";
import { messageOf } from "../lib/message";
import { ChevronIcon } from "./icons";
import { TextPreview } from "./TextPreview";
import { VirtualList } from "./VirtualList";

const ROW = 22;
const HIGHEST = 420;

export function JsonPreview({ text }: { text: string }): JSX.Element {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const parsed = useMemo(() => {
    try {
      return { value: parseJson(text), problem: null };
    } catch (error) {
      return { value: null, problem: messageOf(error) };
    }
  }, [text]);
  const rows = useMemo(() => (parsed.problem === null ? jsonRows(parsed.value, toggled) : []), [parsed, toggled]);
  if (parsed.problem !== null) return <TextPreview text={text} note={`This is not JSON: ${parsed.problem}`} />;
  const toggle = (id: string): void => {
    const next = new Set(toggled);
    if (!next.delete(id)) next.add(id);
    setToggled(next);
  };
  return (
    <div class="preview-box" style={{ height: `${Math.min(HIGHEST, rows.length * ROW + 18)}px` }}>
      <VirtualList
        class="lines json" total={rows.length} rowHeight={ROW} label="Content"
        row={(index) => <Row key={rows[index]?.id} row={rows[index] as JsonRow} onToggle={toggle} />}
      />
    </div>
  );
}

function Row({ row, onToggle }: { row: JsonRow; onToggle(id: string): void }): JSX.Element {
  const { id, depth, key, kind, text, open } = row;
  const words = <>{key !== null && <span class="json-key">{key}: </span>}<span class={`json-${kind}`}>{text}</span></>;
  const indent = { paddingLeft: `${10 + depth * 18}px` };
  if (open === undefined) return <div class="json-row" style={indent}>{words}</div>;
  return (
    <button type="button" class="json-row" style={indent} aria-expanded={open} onClick={() => onToggle(id)}>
      <ChevronIcon />{words}
    </button>
  );
}
