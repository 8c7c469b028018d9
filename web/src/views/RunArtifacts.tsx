/** Artifacts that a run logged and used, as of where the playhead stands. */

import type { JSX } from "preact";
import type { Run, RunArtifact } from "../api/types";
import { useOwned } from "../charts/useOwned";
import { formatBytes } from "../lib/format";
import { artifactPath } from "../lib/routes";
import { moveTo, step } from "../state/place";
import { RunArtifactsState } from "../state/runartifacts";
import { Empty, Nothing } from "./Empty";
import { Link } from "./Link";
import { Problem } from "./Problem";
import { useMoved } from "./useMoved";
import { Waiting } from "./Waiting";

const titles = { logged: "Logged", used: "Used" } as const;
const words = { pending: "on its way", failed: "failed", deleted: "deleted", committed: "" } as const;

export function RunArtifacts({ run }: { run: Run }): JSX.Element {
  const state = useOwned(() => new RunArtifactsState(run.entity, run.project, run.id));
  useMoved(run.id, () => state.moved());
  const items = state.items.value;
  if (!items) return state.error.value ? <Problem message={state.error.value} retry={() => state.moved()} /> : <Waiting />;
  if (!items.length) {
    const at = step.value;
    return at !== null ? <Nothing title="No artifacts yet" text={`Until step ${at.toLocaleString("en")} none was logged or used.`} /> : (
      <Empty
        title="No artifacts" text="Datasets, models and other sets of files that a run logs or uses are shown here, each with its step." project={run.project}
        line={'run.log_artifact("model.pt", name="model", type="model")'}
      />
    );
  }
  return (
    <div class="run-artifacts">
      {state.error.value && <Problem message={state.error.value} />}
      {(["logged", "used"] as const).map((role) => {
        const own = items.filter((one) => one.role === role);
        return own.length > 0 && <Table key={role} title={titles[role]} items={own} />;
      })}
      {state.more.value && <p class="soft pad">These are the first {items.length.toLocaleString("en")}.</p>}
    </div>
  );
}

function Table({ title, items }: { title: string; items: readonly RunArtifact[] }): JSX.Element {
  return (
    <section class="card run-artifact-list" aria-label={title}>
      <h2>{title} <span class="count num">{items.length}</span></h2>
      <ul>
        {items.map((one) => (
          <li key={`${one.segment}/${one.time}/${one.artifact.id}/${one.step}`} class="run-artifact">
            <Name one={one} />
            <span class="artifact-aliases">{one.artifact.aliases.map((alias) => <span key={alias} class="tag alias">{alias}</span>)}</span>
            <span class="soft ellipsis">{one.artifact.type}{one.used_as ? `, as ${one.used_as}` : ""}</span>
            <span class="num">{formatBytes(one.artifact.size)}</span>
            <button type="button" class="link num" title="Move the playhead there" onClick={() => moveTo(one.step)}>step {one.step.toLocaleString("en")}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Name({ one: { artifact } }: { one: RunArtifact }): JSX.Element {
  const word = words[artifact.state];
  if (artifact.version === null || artifact.state !== "committed") {
    return <span class="ellipsis" title={artifact.problem}>{artifact.name}{artifact.version === null ? "" : `:v${artifact.version}`} <span class={artifact.state === "failed" ? "error" : "soft"}>{word}{artifact.problem ? `: ${artifact.problem}` : ""}</span></span>;
  }
  return <Link class="link ellipsis" href={artifactPath(artifact.entity, artifact.project, artifact.name, `v${artifact.version}`)}>{artifact.name}:v{artifact.version}</Link>;
}
