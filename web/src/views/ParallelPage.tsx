/** All runs that are found, as parallel coordinates: what in the config leads to what in the end. */

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Parallel } from "../charts/Parallel";
import { kindOf, titleOf } from "../lib/fields";
import { plural } from "../lib/format";
import { axisOf, type Brushes, passing } from "../lib/parallel";
import { projectPath, runPath } from "../lib/routes";
import { formatView } from "../lib/viewstate";
import { navigate } from "../state/location";
import { axes as shownAxes } from "../state/offered";
import { configFields, place, see, summaryFields } from "../state/project";
import { found } from "../state/runlist";
import { setView, view } from "../state/view";
import { SlidersIcon } from "./icons";
import { Picker } from "./Picker";
import { Popover } from "./Popover";
import { RunSearch } from "./RunSearch";
import { Unlisted } from "./Unlisted";
import { Waiting } from "./Waiting";

/** Lines beyond this are a fog that takes long to draw. */
const MOST = 2_000;
const nothing: readonly string[] = [];
const numbers = ["duration", "step"] as const;

export function ParallelPage(): JSX.Element {
  const [brushes, setBrushes] = useState<Brushes>({});
  const list = useMemo(() => found.value.slice(0, MOST), [found.value]);
  const fields = shownAxes.value ?? nothing;
  const axes = useMemo(() => fields.map((field) => axisOf(list, field)), [list, fields]);
  const good = useMemo(() => passing(axes, brushes, list.length), [axes, brushes, list]);
  const kept = list.filter((_, at) => good[at]);
  const brush = (field: string, to: readonly [number, number] | null): void => {
    const { [field]: _, ...others } = brushes;
    setBrushes(to ? { ...others, [field]: to } : others);
  };
  useEffect(() => {
    see(null);
    return () => see(new Set());
  }, []);
  if (!shownAxes.value) return <Waiting />;
  const draw = (): void => {
    const here = place.value;
    if (here) navigate(projectPath(here.entity, here.project) + formatView({ ...view.value, base: "none", hide: new Set(), show: new Set(kept.map((run) => run.id)) }));
  };
  return (
    <main class="table-page parallel-page" id="main">
      <h1 class="visually-hidden">Parallel coordinates</h1>
      <div class="toolbar" role="toolbar" aria-label="Parallel coordinates">
        <RunSearch />
        <span class="soft num" role="status">{kept.length < list.length ? `${kept.length.toLocaleString("en")} of ${plural(list.length, "run")}` : plural(list.length, "run")}{found.value.length > MOST && `, the first of ${found.value.length.toLocaleString("en")}`}</span>
        <span class="toolbar-space" />
        {Object.keys(brushes).length > 0 && (
          <>
            <button type="button" class="button" onClick={draw}>Draw these in the charts</button>
            <button type="button" class="link" onClick={() => setBrushes({})}>Keep all again</button>
          </>
        )}
        <Axes fields={fields} />
      </div>
      <Unlisted />
      {axes.length < 2 ? (
        <p class="soft pad">Nothing differs enough between these runs to be drawn. Choose two axes or more.</p>
      ) : (
        <section class="card parallel-card">
          <Parallel runs={list} axes={axes} brushes={brushes} onBrush={brush} good={good} onOpen={(run) => navigate(runPath(run.entity, run.project, run.id))} />
          <p class="soft parallel-hint">Drag along an axis to keep the runs that cross it there; a click takes that away. The last axis gives the colour.</p>
        </section>
      )}
    </main>
  );
}

function Axes({ fields }: { fields: readonly string[] }): JSX.Element {
  const rest = [...configFields.value, ...summaryFields.value, ...numbers, "state", "group"].filter((field) => !fields.includes(field));
  const text = (field: string): string => (kindOf(field) === "run" ? titleOf(field) : `${titleOf(field)} · ${kindOf(field)}`);
  const pick = (field: string): void => setView({ axes: fields.includes(field) ? fields.filter((other) => other !== field) : [...fields, field] });
  return (
    <Popover label="Axes" icon={<SlidersIcon />} title="Which axes there are">
      {() => <Picker label="Find an axis" options={[...fields, ...rest].map((field) => [field, text(field)] as const)} chosen={fields} onPick={pick} several />}
    </Popover>
  );
}
