/** One's API keys: make one, which is shown this once, and take one back. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiKey } from "../api/types";
import { formatDate } from "../lib/format";
import { apiKeys, madeKey, makeKey, openKeys, revokeKey } from "../state/apikeys";
import { Code } from "./Code";
import { Confirm } from "./Confirm";
import { useDeed } from "./useDeed";

export function ApiKeys(): JSX.Element {
  useEffect(openKeys, []);
  const { data, error } = apiKeys.value;
  return (
    <section class="card panel" aria-label="API keys">
      <h2>API keys</h2>
      <p class="soft">A key lets a machine record and read as you. Give each machine its own, so that one can be taken back.</p>
      {error && <p class="error" role="alert">{error.message}</p>}
      {data && data.length > 0 && (
        <ul class="keys">
          {data.map((key) => <Key key={key.id} of={key} />)}
        </ul>
      )}
      <NewKey />
      {madeKey.value && (
        <div class="keys-made" role="status">
          <p><strong>Copy the key of {madeKey.value.name} now:</strong> it is not shown again.</p>
          <Code text={madeKey.value.api_key} />
        </div>
      )}
    </section>
  );
}

function Key({ of }: { of: ApiKey }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const { problem, attempt } = useDeed();
  const name = of.name || "Without a name";
  return (
    <li>
      <span class="keys-name">{name}</span>
      <span class="soft num">made {formatDate(of.created_at)}</span>
      {problem && <span class="error" role="alert">{problem}</span>}
      {asking ? (
        <Confirm label={`Revoke the key ${name}`} yes="Revoke it" onYes={() => void attempt(() => revokeKey(of.id))} onNo={() => setAsking(false)} />
      ) : (
        <button type="button" class="button" aria-label={`Revoke the key ${name}`} onClick={() => setAsking(true)}>Revoke…</button>
      )}
    </li>
  );
}

function NewKey(): JSX.Element {
  const [name, setName] = useState("");
  const { problem, attempt } = useDeed();
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await attempt(() => makeKey(name))) setName("");
  };
  return (
    <form class="keys-new" onSubmit={(event) => void make(event)}>
      <input type="text" aria-label="What the new key is for" placeholder="What it is for, such as a machine's name" maxLength={128} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      <button type="submit" class="button primary" disabled={!name.trim()}>Make a key</button>
      {problem && <span class="error" role="alert">{problem}</span>}
    </form>
  );
}
