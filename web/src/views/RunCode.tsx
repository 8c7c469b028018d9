/** The code that a run ran: commit, branch, command, what was not committed, and the way to have it back. */

import { blobUrl } from "../api/resources";
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { FileView, Run } from "../api/types";
import { useOwned } from "../charts/useOwned";
import { codeFacts } from "../lib/facts";
import { formatBytes } from "../lib/format";
import { decodeText } from "../lib/preview";
import { restoreShell } from "../lib/recipes";
import { ContentState, MOST } from "../state/file";
import { PatchesState } from "../state/patches";
import { fileAddressIn, step } from "../state/place";
import { runPath } from "../lib/routes";
import { Code } from "./Code";
import { Diff } from "./Diff";
import { Nothing } from "./Empty";
import { Facts } from "./Facts";
import { Link } from "./Link";
import { Segmented } from "./Segmented";
import { Waiting } from "./Waiting";

export function RunCode({ run }: { run: Run }): JSX.Element {
  const state = useOwned(() => new PatchesState(run.entity, run.project, run.id));
  const [picked, setPicked] = useState<string | null>(null);
  const patches = state.patches.value;
  const facts = codeFacts(run.meta);
  const shown = patches?.find((file) => file.path === picked) ?? patches?.[0];
  if (!facts.length && !patches?.length) {
    if (!patches && !state.error.value) return <Waiting />;
    return <Nothing title="No code known" text="A run that starts in a git repository has its commit, branch and changes here. Readers from outside of the project do not see them." />;
  }
  const inGit = facts.some((fact) => fact.name === "Commit");
  return (
    <div class="code-page">
      <div class="code-side">
        <section class="card panel" aria-label="Code">
          <h2>Code</h2>
          <Facts facts={facts} />
        </section>
        <section class="card panel" aria-label="Have it back">
          <h2>Have it back</h2>
          <p class="soft">{inGit ? "In a clone of the repository, this puts the commit with these changes on a new branch, and fetches the config and the files:" : "This fetches the config and the files:"}</p>
          <Code text={restoreShell(run)} />
        </section>
      </div>
      <section class="card code-changes" aria-label="Changes">
        {state.error.value && <p class="error file-note" role="alert">{state.error.value}</p>}
        {patches && !shown && <p class="soft file-note">{absence(inGit)}</p>}
        {shown && (
          <>
            <header class="code-head">
              <h2>Not committed</h2>
              {(patches?.length ?? 0) > 1 && <Segmented label="Compared with" options={patches?.map((file) => [file.path, titleOf(file)] as const) ?? []} value={shown.path} onChange={setPicked} />}
              <span class="toolbar-space" />
              <Link class="link" href={fileAddressIn(runPath(run.entity, run.project, run.id, "files"), shown.path)}>{shown.path}</Link>
            </header>
            <Patch key={shown.sha256} run={run} file={shown} />
          </>
        )}
      </section>
    </div>
  );
}

function absence(inGit: boolean): string {
  const until = step.value === null ? "" : ` until step ${step.value.toLocaleString("en")}`;
  return inGit ? `No patch was saved${until}: nothing was changed since the commit.` : "It did not run in a git repository, so there is nothing to compare.";
}

/** What a patch is compared with, in words. */
function titleOf({ path }: FileView): string {
  const upstream = /^diff_([0-9a-f]+)\.patch$/.exec(path);
  return upstream ? `Since the upstream's ${upstream[1]?.slice(0, 8)}` : "Since the commit";
}

function Patch({ run, file }: { run: Run; file: FileView }): JSX.Element {
  const state = useOwned(() => new ContentState(({ sha256 }) => blobUrl(run.entity, run.project, run.id, sha256)));
  useEffect(() => void state.show(file, MOST), []);
  const content = state.content.value;
  const complete = file.size <= MOST;
  const text = useMemo(() => (content ? decodeText(content.bytes, complete) : ""), [content]);
  if (state.error.value) return <p class="error file-note" role="alert">{state.error.value}</p>;
  if (!content) return <Waiting />;
  return (
    <>
      {!complete && <p class="warning file-note">The first {formatBytes(MOST)} of {formatBytes(file.size)}: fetch the file to see the rest.</p>}
      <Diff text={text} />
    </>
  );
}
