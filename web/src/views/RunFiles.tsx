/** A run's files as of where the playhead stands, and the one of them that is open. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { useOwned } from "../charts/useOwned";
import { FilesState } from "../state/files";
import { file, step } from "../state/place";
import { series } from "../state/run";
import { Empty, Nothing } from "./Empty";
import { FileDetail } from "./FileDetail";
import { FileTree } from "./FileTree";
import { Problem } from "./Problem";
import { Waiting } from "./Waiting";

export function RunFiles({ run }: { run: Run }): JSX.Element {
  const [media, setMedia] = useState(false);
  const state = useOwned(() => new FilesState(run.entity, run.project, run.id, false));
  useEffect(() => state.setMedia(media), [media]);
  useEffect(() => {
    if (file.value !== null) state.reveal(file.value);
  }, [file.value]);

  const { value: files } = state.files;
  const open = file.value;
  const { value: problem } = state.error;
  if (!files && open === null) return problem ? <Problem message={problem} retry={() => state.moved()} /> : <Waiting />;
  const detail = open !== null && <FileDetail key={open} run={run} path={open} />;
  if (!files?.length && !media && !detail) return problem ? <Problem message={problem} /> : <NoFiles run={run} onMedia={() => setMedia(true)} />;
  return (
    <div class={`files${detail ? " open" : ""}`}>
      <FileTree state={state} media={media} onMedia={setMedia} />
      {detail}
    </div>
  );
}

function NoFiles({ run, onMedia }: { run: Run; onMedia(): void }): JSX.Element {
  const at = step.value;
  const images = series.value.data?.history.some((one) => one.kind === "object");
  return (
    <>
      {at !== null ? <Nothing title="No files yet" text={`Until step ${at.toLocaleString("en")} nothing was saved.`} /> : (
        <Empty
          title="No files yet" text="What a run saves is kept here, each version of it with the step at which it was saved." project={run.project}
          line={'run.save("model.pt")'}
        />
      )}
      {images && (
        <p class="files-media">
          <button type="button" class="link" onClick={onMedia}>Show what log() stored: images and the like</button>
        </p>
      )}
    </>
  );
}
