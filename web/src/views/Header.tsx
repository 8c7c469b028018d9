/** The bar on top of every page: where one is, whether what one sees is live, the theme, who one is. */

import type { JSX } from "preact";
import { artifactPath, projectPath, runPath } from "../lib/routes";
import { route } from "../state/location";
import { connection, place } from "../state/project";
import { run } from "../state/run";
import { viewer } from "../state/session";
import { switchTheme, theme } from "../state/theme";
import { Mark, MoonIcon, SunIcon } from "./icons";
import { Link } from "./Link";

export function Header(): JSX.Element {
  const dark = theme.value === "dark";
  return (
    <header class="header">
      <Link href="/" class="brand" aria-label="Playhead, all projects">
        <Mark />
      </Link>
      <Crumbs />
      <span class="header-end">
        {place.value && <Connection />}
        <button type="button" class="icon-button" onClick={switchTheme} aria-label={dark ? "Light colours" : "Dark colours"} title={dark ? "Light" : "Dark"}>
          {dark ? <SunIcon /> : <MoonIcon />}
        </button>
        <Link href="/settings" class="avatar" aria-label={`Settings of ${viewer.value?.username}`} title={viewer.value?.username}>
          {viewer.value?.username.slice(0, 1).toUpperCase()}
        </Link>
      </span>
    </header>
  );
}

function Crumbs(): JSX.Element {
  const here = route.value;
  const crumbs: { text: string; href?: string }[] = [];
  if (here.page === "project" || here.page === "run" || here.page === "trash" || here.page === "artifacts") {
    crumbs.push({ text: here.entity, href: "/" }, { text: here.project, href: projectPath(here.entity, here.project) });
  }
  if (here.page === "run") {
    const name = run.value.data?.id === here.run ? run.value.data.name : here.run;
    crumbs.push({ text: name, href: runPath(here.entity, here.project, here.run) });
  }
  if (here.page === "artifacts") crumbs.push({ text: "Artifacts", href: artifactPath(here.entity, here.project) });
  if (here.page === "artifacts" && here.name) crumbs.push({ text: here.name });
  if (here.page === "trash") crumbs.push({ text: "Trash" });
  if (here.page === "home") crumbs.push({ text: "Projects" });
  if (here.page === "settings") crumbs.push({ text: "Settings" });
  return (
    <nav class="crumbs" aria-label="Where you are">
      <ol>
        {crumbs.map(({ text, href }, index) => (
          <li key={index}>
            {href && index < crumbs.length - 1 ? <Link href={href}>{text}</Link> : <span aria-current="page">{text}</span>}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Connection(): JSX.Element {
  const state = connection.value;
  const text = { live: "Live", lost: "Reconnecting…", connecting: "" }[state];
  return (
    <span class={`connection ${state}`} role="status" title={state === "live" ? "New points appear by themselves" : ""}>
      {text}
    </span>
  );
}
