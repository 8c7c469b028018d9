/** A run's charts: what it logged, and what its machine did. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { kindOf } from "../lib/media";
import { matches } from "../lib/search";
import { toSections } from "../lib/sections";
import { isHidden } from "../state/definitions";
import { moment } from "../state/moment";
import { segment } from "../state/place";
import { series } from "../state/run";
import { ChartSections } from "./ChartSections";
import { Empty, Nothing } from "./Empty";
import { Fold } from "./Fold";
import { LabelFilter } from "./LabelFilter";
import { Problem } from "./Problem";
import { RunMedia } from "./RunMedia";
import { Toolbar } from "./Toolbar";
import { Waiting } from "./Waiting";

export function RunCharts({ run }: { run: Run }): JSX.Element {
  const [filter, setFilter] = useState("");
  const { data, error } = series.value;
  const found = data?.history;
  const sections = useMemo(
    () => toSections((found ?? []).filter((one) => one.kind !== "object" && matches(filter, [one.key]) && !isHidden(one.key)).map((one) => one.key)),
    [found, filter],
  );
  const metrics = useMemo(() => (found ?? []).filter((one) => one.kind !== "object").map((one) => one.key), [found]);
  const runs = useMemo(() => [{ id: run.id, name: run.name }], [run.id, run.name]);
  if (!found) return error ? <Problem message={error.message} /> : <Waiting />;
  // Whether a key has images is told by the end of what is looked at, so that none comes and goes with the playhead.
  const end = segment.value === null ? run.summary : { ...run.summary, ...moment.value.data?.summary };
  const media = found.filter((one) => one.kind === "object" && matches(filter, [one.key]) && kindOf(end[one.key]));
  if (!found.length) {
    return run.finished_at === null ? <Empty title="Nothing logged yet" text="What a run logs is drawn here:" project={run.project} />
      : <Nothing title="Nothing was logged" text="This run ended without a call of log()." />;
  }
  return (
    <div class="run-charts">
      <Toolbar filter={filter} onFilter={setFilter} metrics={metrics} />
      {!sections.length && !media.length && (
        <p class="soft pad">{filter ? `No chart has “${filter}” in its name.` : "This run logged texts only; there is nothing to draw."}</p>
      )}
      <ChartSections entity={run.entity} project={run.project} sections={sections} runs={runs} metrics={metrics} />
      {media.length > 0 && (
        <Fold title="Media" count={media.length}>
          <div class="media-panels">
            {media.map((one) => (
              <RunMedia key={`${segment.value}/${one.key}`} run={run} mediaKey={one.key} />
            ))}
          </div>
        </Fold>
      )}
    </div>
  );
}

export function RunSystem({ run }: { run: Run }): JSX.Element {
  const [filter, setFilter] = useState("");
  const [label, setLabel] = useState<string | null>(null);
  const { data, error } = series.value;
  const found = data?.system;
  const sections = useMemo(() => toSections([], (found ?? []).map((one) => one.key).filter((key) => matches(filter, [key]))), [found, filter]);
  const runs = useMemo(() => [{ id: run.id, name: run.name }], [run.id, run.name]);
  if (!found) return error ? <Problem message={error.message} /> : <Waiting />;
  if (!found.length) {
    return <Nothing title="No system metrics" text="Processor, memory, disk, network and GPUs of the machine are sampled while a run is at work." />;
  }
  return (
    <div class="run-charts">
      <Toolbar filter={filter} onFilter={setFilter} timed>
        <LabelFilter labels={run.labels} value={label} onChange={setLabel} />
      </Toolbar>
      <ChartSections entity={run.entity} project={run.project} sections={sections} runs={runs} label={label} />
    </div>
  );
}
