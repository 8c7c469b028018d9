/** Config or summary: keys and values, to be searched when there are many. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { matches } from "../lib/search";
import { flatten } from "../lib/tree";
import { Copy } from "./Copy";
import { SearchIcon } from "./icons";

const SEARCHABLE = 12;
const FIRST = 200;

export interface ValuesProps {
  title: string;
  /** As of when, if not now. */
  when?: string;
  values: Record<string, unknown>;
  none: string;
}

export function Values({ title, when, values, none }: ValuesProps): JSX.Element {
  const [search, setSearch] = useState("");
  const [limit, setLimit] = useState(FIRST);
  const all = useMemo(() => flatten(values), [values]);
  const found = search ? all.filter((entry) => matches(search, [entry.key, entry.text])) : all;
  return (
    <section class="card panel values" aria-label={title}>
      <header class="panel-head">
        <h2>
          {title} <span class="count num">{all.length || ""}</span> {when && <span class="count num">{when}</span>}
        </h2>
        {all.length > SEARCHABLE && (
          <label class="search">
            <SearchIcon />
            <span class="visually-hidden">Find in {title}</span>
            <input type="search" placeholder="Find" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
          </label>
        )}
      </header>
      {!all.length && <p class="soft">{none}</p>}
      {all.length > 0 && (
        <table>
          <tbody>
            {found.slice(0, limit).map((entry) => (
              <tr key={entry.key}>
                <th scope="row">{entry.key}</th>
                <td class={entry.numeric ? "num" : ""} title={entry.numeric ? entry.exact : undefined}>
                  <span class="value">{entry.text}</span>
                  <Copy text={entry.exact} what={`the value of ${entry.key}`} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {found.length > limit && (
        <button type="button" class="button" onClick={() => setLimit(limit + 1000)}>
          Show more of {found.length}
        </button>
      )}
    </section>
  );
}
