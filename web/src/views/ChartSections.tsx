/** Charts, a section a prefix of their keys. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { unitOf } from "../lib/machine";
import type { Grouping } from "../lib/groups";
import { type Section, shortKey } from "../lib/sections";
import { view } from "../state/view";
import { Fold } from "./Fold";
import { FullChart } from "./FullChart";

export interface ChartSectionsProps {
  entity: string;
  project: string;
  sections: readonly Section[];
  runs: readonly { id: string; name: string }[];
  /** Groups to draw as one line each, where that is wanted. */
  grouping?: Grouping | null;
  /** What can be the x axis. */
  metrics?: readonly string[];
  /** Only what the writers of this label wrote. */
  label?: string | null;
  /** Closed until somebody opens them. */
  closed?: boolean;
}

const none: readonly string[] = [];
/** Charts of a section that are made at once; more come by a click, for a section of thousands stays quick. */
const MANY = 60;

export function ChartSections({ sections, closed = false, metrics = none, ...rest }: ChartSectionsProps): JSX.Element {
  const { full } = view.value;
  const home = full === null ? undefined : sections.find((section) => section.keys.includes(full));
  return (
    <>
      {home && full !== null && <FullChart key={full} chartKey={full} title={full} source={home.source} unit={home.source === "system" ? unitOf(full) : ""} metrics={metrics} {...rest} />}
      {sections.map((section) => (
        <Fold key={`${section.source}/${section.name}`} title={section.name} count={section.keys.length} startsOpen={!closed}>
          <Charts section={section} {...rest} />
        </Fold>
      ))}
    </>
  );
}

type ChartsProps = Omit<ChartSectionsProps, "sections" | "closed" | "metrics"> & { section: Section };

function Charts({ section, ...rest }: ChartsProps): JSX.Element {
  const [limit, setLimit] = useState(MANY);
  const more = section.keys.length - limit;
  return (
    <>
      <div class="chart-grid">
        {section.keys.slice(0, limit).map((key) => (
          <Chart
            key={key} chartKey={key} title={shortKey(key, section.name)} source={section.source}
            unit={section.source === "system" ? unitOf(key) : ""} {...rest}
          />
        ))}
      </div>
      {more > 0 && (
        <button type="button" class="button" onClick={() => setLimit(limit + MANY * 2)}>
          Show {Math.min(more, MANY * 2)} more of {section.keys.length}
        </button>
      )}
    </>
  );
}
