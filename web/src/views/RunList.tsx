/** The project's runs: search, which are drawn, and the way to each. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { isOfSummary } from "../lib/fields";
import { groupRows, type GroupRow as Row } from "../lib/groups";
import { trashPath } from "../lib/routes";
import { noneFound } from "../lib/runfilter";
import { MOST_DRAWN } from "../lib/viewstate";
import { listed } from "../state/runlist";
import { draw, hovered, setView, shown, view } from "../state/view";
import { GroupBy } from "./GroupBy";
import { GroupRow } from "./GroupRow";
import { CrossIcon, TrashIcon } from "./icons";
import { Link } from "./Link";
import { RunRow } from "./RunRow";
import { RunSearch } from "./RunSearch";
import { Unlisted } from "./Unlisted";
import { useSight } from "./useSight";
import { VirtualList } from "./VirtualList";

export interface RunListProps {
  entity: string;
  project: string;
  runs: readonly Run[];
  onClose(): void;
}

const none: ReadonlySet<string> = new Set();

export function RunList({ entity, project, runs, onClose }: RunListProps): JSX.Element {
  const { search, by, sort } = view.value;
  const [open, setOpen] = useState<ReadonlySet<string>>(none);
  const found = listed.value;
  const rows = useMemo<Row<Run>[]>(
    () => (by !== null ? groupRows(found, by, open) : found.map((run) => ({ kind: "run", key: run.id, depth: 0, run }))),
    [found, by, open],
  );
  const onRows = useSight(rows, isOfSummary(sort));
  const toggleGroup = (key: string): void => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  // With a search, "all" and "none" are about what was found.
  const drawAll = (on: boolean): void => (search ? draw(found.map((run) => run.id), on) : setView({ base: on ? "all" : "none", hide: none, show: none }));
  return (
    <>
      <div class="runs-head">
        <RunSearch />
        <button type="button" class="icon-button drawer-close" aria-label="Close the list of runs" onClick={onClose}>
          <CrossIcon />
        </button>
      </div>
      <div class="runs-sub">
        <span class="soft num" title={shown.value.size === MOST_DRAWN ? `Charts draw at most ${MOST_DRAWN} runs` : undefined}>
          {search ? `${found.length} of ${runs.length}` : `${shown.value.size} of ${runs.length} shown`}
        </span>
        <span class="runs-deeds">
          <GroupBy label="Group runs by" />
          <button type="button" class="link" onClick={() => drawAll(true)}>All</button>
          <button type="button" class="link" onClick={() => drawAll(false)}>None</button>
        </span>
      </div>
      <Unlisted />
      <div class="runs-list" onMouseLeave={() => (hovered.value = null)}>
        {!found.length && <p class="soft pad">{noneFound(search)}</p>}
        <VirtualList
          total={rows.length} rowHeight={34} label="Runs" onRows={onRows}
          row={(index) => {
            const row = rows[index] as Row<Run>;
            if (row.kind === "group") return <GroupRow key={row.key} row={row} onToggle={() => toggleGroup(row.key)} />;
            return <RunRow key={row.key} entity={entity} project={project} run={row.run} depth={row.depth} />;
          }}
        />
      </div>
      <div class="runs-foot">
        <Link href={trashPath(entity, project)} class="trash-link">
          <TrashIcon /> Trash
        </Link>
      </div>
    </>
  );
}
