/** Runs side by side: their config, what they came to, and what is known of them; first of all what differs. */

import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Run } from "../api/types";
import { type Compared, compareRuns, type Part } from "../lib/compare";
import { runPath } from "../lib/routes";
import { runColour } from "../state/colours";
import { comparedProblem, comparedRuns, followCompared, MOST } from "../state/compared";
import { setView, view } from "../state/view";
import { CrossIcon } from "./icons";
import { Link } from "./Link";
import { Problem } from "./Problem";
import { StateMark } from "./State";
import { Waiting } from "./Waiting";

const none: readonly Run[] = [];

export function ComparePage(): JSX.Element {
  const { compared, same } = view.value;
  useEffect(followCompared, []);
  const found = comparedRuns.value;
  const list = found ?? none;
  const parts = useMemo(() => compareRuns(list, same), [list, same]);
  const left = compared.length > MOST ? compared.length - MOST : 0;
  if (comparedProblem.value && !list.length) return <Problem message={comparedProblem.value} />;
  if (!found) return <Waiting />;
  if (!list.length) return <main class="table-page" id="main"><p class="soft pad">Select runs in the table, then Compare.</p></main>;
  return (
    <main class="table-page" id="main">
      <h1 class="visually-hidden">Compare runs</h1>
      <div class="toolbar" role="toolbar" aria-label="Comparison">
        <label class="check"><input type="checkbox" checked={!same} onChange={() => setView({ same: !same })} /> Only what differs</label>
        <span class="soft">{compared.length ? "" : `The newest ${list.length} that are drawn. Select others in the table.`}{left > 0 && `${left} more are left out.`}</span>
      </div>
      <section class="card compare" tabIndex={0} aria-label="Comparison of runs">
        <table>
          <thead>
            <tr>
              <th scope="col"><span class="visually-hidden">Field</span></th>
              {list.map((run) => <Head key={run.id} run={run} onRemove={() => setView({ compared: list.filter((other) => other.id !== run.id).map(({ id }) => id) })} />)}
            </tr>
          </thead>
          {parts.map((part) => <Section key={part.title} part={part} width={list.length} />)}
        </table>
      </section>
    </main>
  );
}

function Head({ run, onRemove }: { run: Run; onRemove(): void }): JSX.Element {
  return (
    <th scope="col">
      <span class="compare-run">
        <span class="swatch" style={{ background: runColour(run.id) }} />
        <Link class="run-name" href={runPath(run.entity, run.project, run.id)} title={run.name}>{run.name}</Link>
        <StateMark state={run.state} />
        <button type="button" class="icon-button" aria-label={`Leave ${run.name} out`} title="Leave it out" onClick={onRemove}><CrossIcon /></button>
      </span>
    </th>
  );
}

function Section({ part, width }: { part: Part; width: number }): JSX.Element {
  const note = part.hidden ? `${part.hidden.toLocaleString("en")} the same` : part.rows.length ? "" : "none";
  return (
    <tbody>
      <tr class="compare-part">
        <th scope="rowgroup" colSpan={width + 1}>{part.title} <span class="count num">{note}</span></th>
      </tr>
      {part.rows.map((row) => <Line key={row.field} row={row} />)}
    </tbody>
  );
}

function Line({ row }: { row: Compared }): JSX.Element {
  return (
    <tr>
      <th scope="row" title={row.field}>{row.title}</th>
      {row.cells.map((cell, at) => <td key={at} class={`${cell.numeric ? "num" : ""}${cell.differs ? " differs" : ""}`} title={cell.text.length > 30 ? cell.text : undefined}>{cell.text || <span class="faint">–</span>}</td>)}
    </tr>
  );
}
