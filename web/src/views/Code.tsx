/** Lines to copy. */

import type { JSX } from "preact";
import { Copy } from "./Copy";

export function Code({ text }: { text: string }): JSX.Element {
  return (
    <div class="code">
      <pre>
        <code>{text}</code>
      </pre>
      <Copy text={text} what="the lines" />
    </div>
  );
}
