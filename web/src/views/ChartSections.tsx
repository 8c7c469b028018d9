/** Charts in sections that open and close. A closed section costs nothing. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { type Section, shortKey } from "../lib/sections";
import { ChevronIcon } from "./icons";

export interface ChartSectionsProps {
  entity: string;
  project: string;
  sections: readonly Section[];
  runs: readonly { id: string; name: string }[];
  /** Whether the section of system metrics is closed until somebody opens it. */
  systemClosed?: boolean;
}

/** Charts of a section that are made at once; more come by a click, for a section of thousands stays quick. */
const MANY = 60;

export function ChartSections({ sections, systemClosed = false, ...rest }: ChartSectionsProps): JSX.Element {
  return (
    <>
      {sections.map((section) => (
        <OneSection key={`${section.source}/${section.name}`} section={section} startsOpen={!(section.source === "system" && systemClosed)} {...rest} />
      ))}
    </>
  );
}

type OneProps = Omit<ChartSectionsProps, "sections" | "systemClosed"> & { section: Section; startsOpen: boolean };

function OneSection({ entity, project, section, runs, startsOpen }: OneProps): JSX.Element {
  const [open, setOpen] = useState(startsOpen);
  const [limit, setLimit] = useState(MANY);
  const more = section.keys.length - limit;
  return (
    <section class="section">
      <h2>
        <button type="button" class="section-head" aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronIcon />
          {section.name}
          <span class="count num">{section.keys.length}</span>
        </button>
      </h2>
      {open && (
        <div class="chart-grid">
          {section.keys.slice(0, limit).map((key) => (
            <Chart key={key} entity={entity} project={project} chartKey={key} title={shortKey(key, section.name)} source={section.source} runs={runs} />
          ))}
        </div>
      )}
      {open && more > 0 && (
        <button type="button" class="button" onClick={() => setLimit(limit + MANY * 2)}>
          Show {Math.min(more, MANY * 2)} more of {section.keys.length}
        </button>
      )}
    </section>
  );
}
