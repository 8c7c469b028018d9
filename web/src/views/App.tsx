/** Which page is shown. Without a session that is the login, at whatever address: after it, one is where one wanted to be. */

import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { navigate, route } from "../state/location";
import { unselectAll } from "../state/runlist";
import { closeProject } from "../state/project";
import { unreachable, viewer } from "../state/session";
import { ArtifactsPage } from "./ArtifactsPage";
import { Header } from "./Header";
import { Home } from "./Home";
import { Login } from "./Login";
import { NotFound, ProblemPage } from "./Problem";
import { ProjectPage } from "./ProjectPage";
import { RunPage } from "./RunPage";
import { Settings } from "./Settings";
import { TrashPage } from "./TrashPage";
import { Waiting } from "./Waiting";

export function App(): JSX.Element {
  useSignalEffect(() => {
    if (viewer.value && route.value.page === "login") navigate("/", { replace: true });
  });
  useSignalEffect(() => {
    if (route.value.page !== "project") unselectAll();
    // From a run back to its project nothing is fetched anew, so a project stays open until one leaves both.
    if (viewer.value === null || !["project", "run", "artifacts"].includes(route.value.page)) closeProject();
  });
  useSignalEffect(() => {
    document.title = title();
  });
  if (unreachable.value) return <ProblemPage message={unreachable.value} retry={() => window.location.reload()} />;
  if (viewer.value === undefined) return <Waiting />;
  if (viewer.value === null) return <Login />;
  return (
    <>
      <a class="skip" href="#main">Skip to the content</a>
      <Header />
      <Page />
    </>
  );
}

function Page(): JSX.Element {
  const here = route.value;
  if (here.page === "home" || here.page === "login") return <Home />;
  if (here.page === "settings") return <Settings />;
  if (here.page === "project") return <ProjectPage key={`${here.entity}/${here.project}`} entity={here.entity} project={here.project} tab={here.tab} />;
  if (here.page === "artifacts") {
    const { entity, project, name, version } = here;
    return <ArtifactsPage key={`${entity}/${project}`} entity={entity} project={project} name={name} version={version} />;
  }
  if (here.page === "trash") return <TrashPage key={`${here.entity}/${here.project}`} entity={here.entity} project={here.project} />;
  if (here.page === "run") {
    const { entity, project, run, tab } = here;
    return <RunPage key={`${entity}/${project}/${run}`} entity={entity} project={project} id={run} tab={tab} />;
  }
  return <NotFound what="There is nothing at this address." />;
}

function title(): string {
  const here = route.value;
  if (here.page === "project") return `${here.project} · Playhead`;
  if (here.page === "artifacts") return `${here.name ?? "Artifacts"} · ${here.project} · Playhead`;
  if (here.page === "trash") return `Trash · ${here.project} · Playhead`;
  if (here.page === "run") return `${here.run} · ${here.project} · Playhead`;
  return "Playhead";
}
