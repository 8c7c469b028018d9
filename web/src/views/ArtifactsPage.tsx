/** A project's artifacts at the left, the one that is open beside them. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useOwned } from "../charts/useOwned";
import { ArtifactsState } from "../state/artifacts";
import { openProject } from "../state/project";
import { ArtifactDetail } from "./ArtifactDetail";
import { CollectionList } from "./CollectionList";
import { Empty } from "./Empty";
import { NotHere } from "./Problem";
import { ProjectTabs } from "./ProjectTabs";

export interface ArtifactsPageProps {
  entity: string;
  project: string;
  name: string | null;
  version: string | null;
}

export function ArtifactsPage({ entity, project, name, version }: ArtifactsPageProps): JSX.Element {
  const state = useOwned(() => new ArtifactsState(entity, project));
  useEffect(() => openProject(entity, project, false), []);
  const { data, error } = state.collections.value;
  if (!data) return <NotHere error={error} retry={() => void state.fetch()} />;
  return (
    <>
      <ProjectTabs entity={entity} project={project} tab="artifacts" />
      <main class="artifacts-page" id="main">
        <h1 class="visually-hidden">Artifacts of {project}</h1>
        {!data.length && name === null ? (
          <Empty
            title="No artifacts yet" text="Datasets, models and other sets of files, each version of them with the run and the step that made it." project={project}
            line={'run.log_artifact("model.pt", name="model", type="model")'}
          />
        ) : (
          <div class={`files${name === null ? "" : " open"}`}>
            <CollectionList entity={entity} project={project} collections={data} open={name} />
            {name !== null && <ArtifactDetail key={name} entity={entity} project={project} name={name} version={version} />}
          </div>
        )}
      </main>
    </>
  );
}
