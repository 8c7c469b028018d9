/** Who one is here, and how to log in elsewhere. */

import type { JSX } from "preact";
import { leave, server, viewer } from "../state/session";
import { type Choice, choice, setTheme } from "../state/theme";
import { ApiKeys } from "./ApiKeys";
import { Code } from "./Code";
import { Segmented } from "./Segmented";

export function Settings(): JSX.Element | null {
  const who = viewer.value;
  if (!who) return null;
  const themes: [Choice, string][] = [["system", "As the system"], ["light", "Light"], ["dark", "Dark"]];
  return (
    <main class="home settings" id="main">
      <h1>Settings</h1>
      <section class="card panel">
        <dl class="facts">
          <dt>User</dt>
          <dd>
            {who.username} {who.admin && <span class="tag">administrator</span>}
          </dd>
          <dt>Entities</dt>
          <dd>{who.entities.join(", ")}</dd>
          <dt>Server</dt>
          <dd>
            {window.location.origin} {server.value && <span class="soft">Playhead {server.value.version}</span>}
          </dd>
          <dt>Colours</dt>
          <dd>
            <Segmented label="Colours" options={themes} value={choice.value} onChange={setTheme} />
          </dd>
        </dl>
        <button type="button" class="button" onClick={() => void leave()}>
          Log out
        </button>
      </section>
      <ApiKeys />
      <section class="card panel">
        <h2>Record from another machine</h2>
        {server.value?.local ? (
          <>
            <p class="soft">This server is reached from its own machine only. One that others reach is started with</p>
            <Code text="playhead server --host 0.0.0.0" />
          </>
        ) : (
          <>
            <p class="soft">Run this there, once; it asks for an API key.</p>
            <Code text={`playhead login --host ${window.location.origin}`} />
          </>
        )}
      </section>
    </main>
  );
}
