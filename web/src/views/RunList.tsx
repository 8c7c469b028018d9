/** The project's runs: search, which are drawn, and the way to each. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Run } from "../api/types";
import { matches } from "../lib/search";
import { hovered, setView, shown, view } from "../state/view";
import { CrossIcon, SearchIcon } from "./icons";
import { RunRow } from "./RunRow";
import { VirtualList } from "./VirtualList";

export interface RunListProps {
  entity: string;
  project: string;
  runs: readonly Run[];
  onClose(): void;
}

const none: ReadonlySet<string> = new Set();

export function RunList({ entity, project, runs, onClose }: RunListProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const { search } = view.value;
  const found = useMemo(
    () => runs.filter((run) => matches(search, [run.name, run.id, run.state, run.group, ...run.tags])),
    [runs, search],
  );
  useEffect(() => {
    const slash = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, [contenteditable]");
      if (event.key !== "/" || typing || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", slash);
    return () => document.removeEventListener("keydown", slash);
  }, []);
  // With a search, "all" and "none" are about what was found.
  const all = (): void =>
    search ? setView({ show: new Set([...view.value.show, ...found.map((run) => run.id)]), hide: without(view.value.hide, found) })
      : setView({ base: "all", hide: none, show: none });
  const nothing = (): void =>
    search ? setView({ hide: new Set([...view.value.hide, ...found.map((run) => run.id)]), show: without(view.value.show, found) })
      : setView({ base: "none", hide: none, show: none });
  return (
    <>
      <div class="runs-head">
        <label class="search">
          <SearchIcon />
          <span class="visually-hidden">Find runs</span>
          <input
            ref={input} type="search" placeholder="Find runs" value={search} aria-keyshortcuts="/"
            onInput={(event) => setView({ search: event.currentTarget.value })}
          />
        </label>
        <button type="button" class="icon-button drawer-close" aria-label="Close the list of runs" onClick={onClose}>
          <CrossIcon />
        </button>
      </div>
      <div class="runs-sub">
        <span class="soft num">
          {search ? `${found.length} of ${runs.length}` : `${shown.value.size} of ${runs.length} shown`}
        </span>
        <span>
          <button type="button" class="link" onClick={all}>All</button>
          <button type="button" class="link" onClick={nothing}>None</button>
        </span>
      </div>
      <div class="runs-list" onMouseLeave={() => (hovered.value = null)}>
        {!found.length && <p class="soft pad">No run has “{search}” in its name, id, state, group or tags.</p>}
        <VirtualList
          total={found.length} rowHeight={34} label="Runs"
          row={(index) => <RunRow key={found[index]?.id} entity={entity} project={project} run={found[index] as Run} />}
        />
      </div>
    </>
  );
}

function without(ids: ReadonlySet<string>, runs: readonly Run[]): Set<string> {
  const gone = new Set(runs.map((run) => run.id));
  return new Set([...ids].filter((id) => !gone.has(id)));
}
