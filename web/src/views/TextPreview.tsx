/** Text with the numbers of its lines. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { linesOf, shownLine } from "../lib/preview";
import { VirtualList } from "./VirtualList";

const ROW = 20;
const HIGHEST = 420;

export function TextPreview({ text, note }: { text: string; note?: string }): JSX.Element {
  const lines = useMemo(() => linesOf(text), [text]);
  return (
    <>
      {note && <p class="warning preview-cut">{note}</p>}
      <div class="preview-box" style={{ height: `${Math.min(HIGHEST, lines.length * ROW + 18)}px` }}>
        <VirtualList
          class="lines" total={lines.length} rowHeight={ROW} label="Content"
          row={(index) => (
            <div key={index} class="line">
              <span class="line-number">{index + 1}</span>
              <code class="line-text">{shownLine(lines[index] ?? "")}</code>
            </div>
          )}
        />
      </div>
    </>
  );
}
