/** Nothing here yet: the three lines that change that, with the reader's own server in them. */

import type { JSX } from "preact";
import { Code } from "./Code";

/** Nothing here, and nothing to be done about it. */
export function Nothing({ title, text }: { title: string; text: string }): JSX.Element {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p class="soft">{text}</p>
    </div>
  );
}

export interface EmptyProps {
  title: string;
  text: string;
  project: string;
  /** What the third line logs. */
  line?: string;
}

export function Empty({ title, text, project, line = 'run.log({"loss": 0.5})' }: EmptyProps): JSX.Element {
  const address = window.location.origin;
  const code = [
    "import playhead",
    `run = playhead.init(project=${JSON.stringify(project)}, settings={"base_url": ${JSON.stringify(address)}})`,
    line,
  ].join("\n");
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p class="soft">{text}</p>
      <Code text={code} />
    </div>
  );
}
