/** Names of artifacts by their types. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Collection } from "../api/types";
import { formatAgo, formatDateTime, plural } from "../lib/format";
import { artifactPath } from "../lib/routes";
import { matches } from "../lib/search";
import { now } from "../state/clock";
import { SearchField } from "./SearchField";
import { Link } from "./Link";

const FIRST = 500;

export interface CollectionListProps {
  entity: string;
  project: string;
  collections: readonly Collection[];
  open: string | null;
}

export function CollectionList({ entity, project, collections, open }: CollectionListProps): JSX.Element {
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(FIRST);
  const found = useMemo(() => collections.filter((one) => matches(search, [one.name, one.type, ...one.tags])), [collections, search]);
  const types = useMemo(() => byType(found.slice(0, most)), [found, most]);
  return (
    <nav class="card file-list collection-list" aria-label="Artifacts">
      <div class="file-bar">
        <SearchField label="Find artifacts" value={search} onInput={setSearch} />
        <span class="toolbar-space" />
        <span class="soft num" role="status">{search ? `${found.length.toLocaleString("en")} of ` : ""}{plural(collections.length, "artifact")}</span>
      </div>
      <div class="collection-rows">
        {types.map(([type, own]) => (
          <section key={type} aria-label={`Type ${type}`}>
            <h2 class="collection-type">{type}</h2>
            <ul>
              {own.map((one) => (
                <li key={one.name}>
                  <Link class="collection-row" href={artifactPath(entity, project, one.name)} aria-current={one.name === open ? "page" : undefined}>
                    <span class="ellipsis" title={one.name}>{one.name}</span>
                    {one.portfolio && <span class="tag">links</span>}
                    <span class="num soft">{plural(one.versions, "version")}</span>
                    <span class="num soft file-when" title={formatDateTime(one.updated_at)}>{formatAgo(one.updated_at, now.value)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {!found.length && <p class="soft pad">{search ? `Nothing has “${search}” in its name.` : "No artifacts."}</p>}
        {found.length > most && <button type="button" class="button" onClick={() => setMost(most + 5_000)}>Show more of {found.length.toLocaleString("en")}</button>}
      </div>
    </nav>
  );
}

function byType(collections: readonly Collection[]): [string, Collection[]][] {
  const found = new Map<string, Collection[]>();
  for (const one of collections) {
    const own = found.get(one.type);
    if (own) own.push(one);
    else found.set(one.type, [one]);
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
