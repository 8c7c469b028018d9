/** What is in a file, if it can be shown: an image, a table, JSON, text. Nothing of it becomes markup. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useOwned } from "../charts/useOwned";
import { formatBytes } from "../lib/format";
import { decodeText, isBinary, lookOf } from "../lib/preview";
import { type Content, ContentState, FIRST, MOST, type Shown } from "../state/file";
import { FileImage } from "./FileImage";
import { JsonPreview } from "./JsonPreview";
import { Segmented } from "./Segmented";
import { TablePreview } from "./TablePreview";
import { TextPreview } from "./TextPreview";
import { Waiting } from "./Waiting";

/** JSON is shown as such when all of it is there, so more of it is fetched at first. */
const WHOLE_JSON = 2_000_000;
const names = { json: "Tree", table: "Table" } as const;

export interface FilePreviewProps {
  file: Shown;
  /** Where its content is, */
  url: string;
  /** and where a browser shows it as an image. */
  image?: string;
}

export function FilePreview({ file, url, image = url }: FilePreviewProps): JSX.Element {
  const look = lookOf(file.path);
  const address = useRef(url);
  address.current = url;
  const state = useOwned(() => new ContentState(() => address.current));
  const read = look !== "image" && look !== "none";
  useEffect(() => {
    if (read) void state.show(file, look === "json" && file.size <= WHOLE_JSON ? WHOLE_JSON : FIRST);
  }, [file.sha256]);
  if (!file.size) return <p class="soft file-note">The file is empty.</p>;
  if (look === "image") return <FileImage file={file} url={image} />;
  if (look === "none") return <Unshown />;
  const content = state.content.value;
  if (state.error.value) return <p class="error file-note" role="alert">{state.error.value}</p>;
  return content ? <Read content={content} onRest={() => void state.show(file, MOST)} busy={state.busy.value} /> : <Waiting />;
}

function Unshown(): JSX.Element {
  return <p class="soft file-note">This kind of file is not shown here: download it, or fetch it as below.</p>;
}

function Read({ content, onRest, busy }: { content: Content; onRest(): void; busy: boolean }): JSX.Element {
  const { file, bytes } = content;
  const [plain, setPlain] = useState(false);
  const complete = bytes.length >= file.size;
  const binary = useMemo(() => isBinary(bytes), [bytes]);
  const text = useMemo(() => (binary ? "" : decodeText(bytes, complete)), [bytes]);
  if (binary) return <Unshown />;
  const own = lookOf(file.path);
  const rich = own === "json" ? complete && "json" : own === "table" && "table";
  return (
    <div class="preview">
      {rich && <Segmented label="Shown as" options={[["rich", names[rich]], ["plain", "Text"]]} value={plain ? "plain" : "rich"} onChange={(value) => setPlain(value === "plain")} />}
      {rich === "json" && !plain ? <JsonPreview text={text} />
        : rich === "table" && !plain ? <TablePreview text={text} delimiter={file.path.toLowerCase().endsWith(".tsv") ? "\t" : ","} complete={complete} />
        : <TextPreview text={text} />}
      {!complete && (
        <p class="soft preview-cut">
          The first {formatBytes(bytes.length)} of {formatBytes(file.size)}.{" "}
          {bytes.length < MOST ? <button type="button" class="link" disabled={busy} onClick={onRest}>{file.size <= MOST ? "Show the rest" : `Show the first ${formatBytes(MOST)}`}</button> : "Download it to see the rest."}
        </p>
      )}
    </div>
  );
}
