/** The open file: which version of it is shown, its content, its versions, and the lines that fetch it. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { blobUrl, fileUrl } from "../api/resources";
import type { FileView, Run } from "../api/types";
import { useOwned } from "../charts/useOwned";
import { nameOf, parentOf, shownName } from "../lib/filetree";
import { formatBytes, formatDateTime } from "../lib/format";
import { restorePython } from "../lib/recipes";
import { FileState } from "../state/file";
import { fileAddress, segment, step, version } from "../state/place";
import { Code } from "./Code";
import { Copy } from "./Copy";
import { CrossIcon, DownloadIcon } from "./icons";
import { FilePreview } from "./FilePreview";
import { FileVersions } from "./FileVersions";
import { Link } from "./Link";
import { Waiting } from "./Waiting";

export interface FileDetailProps {
  run: Run;
  path: string;
}

export function FileDetail({ run, path }: FileDetailProps): JSX.Element {
  const state = useOwned(() => new FileState(run.entity, run.project, run.id, path));
  const host = useRef<HTMLElement>(null);
  // On a narrow window it stands below the list.
  useEffect(() => host.current?.scrollIntoView({ block: "nearest" }), []);
  const { value: shown } = state.shown;
  const { value: error } = state.error;
  const folder = parentOf(path);
  return (
    <section class="card file-detail" ref={host} aria-label={`File ${path}`}>
      <header class="file-head">
        <h2 title={path}>{folder && <span class="soft">{shownName(folder)}/</span>}{shownName(nameOf(path))}</h2>
        {shown && (
          <a class="button" href={fileUrl(run.entity, run.project, run.id, path, shown.version)} download={nameOf(path)}><DownloadIcon /> Download</a>
        )}
        <Link class="icon-button" href={fileAddress(null)} aria-label="Close the file" title="Close"><CrossIcon /></Link>
      </header>
      {shown && <Facts file={shown} />}
      {version.value !== null && (
        <p class="file-picked">
          Version {version.value} was picked. <Link class="link" href={fileAddress(path)}>Show the one of {step.value === null ? "now" : `step ${step.value.toLocaleString("en")}`}</Link>
        </p>
      )}
      {error && <p class="error file-note" role="alert">{error}</p>}
      {shown === undefined && !error && <Waiting />}
      {shown === null && !error && <p class="soft file-note">{absence()}</p>}
      {shown && <FilePreview file={shown} url={blobUrl(run.entity, run.project, run.id, shown.sha256)} image={fileUrl(run.entity, run.project, run.id, path, shown.version)} />}
      {state.versions.value.length > 0 && <FileVersions run={run} state={state} shown={shown ?? null} />}
      {shown && (
        <>
          <h3>In Python</h3>
          <Code text={restorePython({ ...run, path, step: step.value, version: segment.value === null ? version.value : shown.version })} />
        </>
      )}
    </section>
  );
}

function absence(): string {
  if (version.value !== null) return `It has no version ${version.value}.`;
  const at = step.value;
  return at === null ? "The run does not have it any more. Its versions are kept:" : `It was not there at step ${at.toLocaleString("en")}. These are its versions:`;
}

function Facts({ file }: { file: FileView }): JSX.Element {
  return (
    <p class="file-facts num">
      <span title={`${file.size.toLocaleString("en")} bytes`}>{formatBytes(file.size)}</span>
      <span>step {file.step.toLocaleString("en")}</span>
      <span>{formatDateTime(file.time)}</span>
      <span>version {file.version}{file.versions > 1 && `, ${file.versions.toLocaleString("en")} in all`}</span>
      <span class="file-digest">SHA-256 <span class="mono" title={file.sha256}>{file.sha256.slice(0, 12)}…</span> <Copy text={file.sha256} what="the SHA-256" /></span>
    </p>
  );
}
