/** Log in with an API key. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "../api/http";
import { messageOf } from "../lib/message";
import { enter, linkExpired, server } from "../state/session";
import { Code } from "./Code";
import { Mark } from "./icons";

export function Login(): JSX.Element {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await enter(key.trim());
    } catch (error) {
      const unknown = error instanceof ApiError && error.status === 401;
      setProblem(unknown ? "This server does not know this key." : messageOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="login" id="main">
      <form class="card login-card" onSubmit={(event) => void submit(event)}>
        <div class="login-brand">
          <Mark /> Playhead
        </div>
        <h1>Log in</h1>
        {linkExpired.value && (
          <p class="login-expired" role="status">
            <strong>This link has expired.</strong> A printed link logs in for twelve hours. Open a new one with the command below, or log in with your key.
          </p>
        )}
        <label class="field">
          <span>API key</span>
          <input
            type="password" name="key" autocomplete="current-password" required autoFocus value={key}
            aria-invalid={problem !== null} aria-describedby={problem ? "login-problem" : undefined}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {problem && (
          <p class="error" id="login-problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button primary" disabled={busy || !key.trim()}>
          Log in
        </button>
        <div class="login-hint">
          <p>{server.value?.local ? "On the machine that runs the server, this opens the page logged in:" : "No key at hand? Where you train, this opens the page logged in:"}</p>
          <Code text={server.value?.local ? "playhead ui" : `playhead login --host ${window.location.origin}\nplayhead ui`} />
        </div>
      </form>
    </main>
  );
}
