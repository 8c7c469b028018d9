/** The lanes: the head's line on top, what was archived below it, paler; a click opens it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Run, Segment } from "../api/types";
import { formatDateTime } from "../lib/format";
import { type Layout, type Limb, resumesOf } from "../lib/timeline";
import { chain } from "../state/moment";
import { openSegment, segment as openedSegment } from "../state/place";
import { segments } from "../state/run";

const LANE = 13;
/** Lanes that are shown before somebody asks for all. */
const FEW = 4;

export function TimelineLanes({ run, layout }: { run: Run; layout: Layout }): JSX.Element {
  const [all, setAll] = useState(false);
  const last = Math.max(1, layout.last);
  const byId = new Map((segments.value.data ?? []).map((one) => [one.id, one]));
  const seen = new Map(chain.value.map((link) => [link.segment.id, link.limit]));
  const opened = layout.limbs.find((limb) => limb.segment === openedSegment.value)?.lane ?? 0;
  const shown = all ? layout.lanes : Math.min(layout.lanes, Math.max(FEW, opened + 1));
  const hidden = layout.lanes - shown;
  /** How far one sees of a limb; null: nothing of it. */
  const seenTo = ({ segment: id, from, to }: Limb): number | null => {
    const limit = seen.get(id);
    if (limit === undefined || (limit !== null && from >= limit && to > from)) return null;
    return limit === null ? to : Math.min(limit, to);
  };
  return (
    <div class={`lanes${shown > FEW ? " all" : ""}`}>
      <div class="lanes-space" style={{ height: `${shown * LANE}px` }}>
        {layout.limbs.filter((limb) => limb.lane < shown).map((limb) => (
          <LimbView
            key={`${limb.segment}/${limb.lane}`} limb={limb} last={last} segment={byId.get(limb.segment)} seenTo={seenTo(limb)}
            onOpen={() => openSegment(limb.lane === 0 ? null : limb.segment)} isHead={limb.segment === run.head}
          />
        ))}
      </div>
      {(hidden > 0 || all) && layout.lanes > FEW && (
        <button type="button" class="chip lanes-more" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? "Fewer" : `${hidden} more`}
        </button>
      )}
    </div>
  );
}

interface LimbProps {
  limb: Limb;
  last: number;
  segment: Segment | undefined;
  seenTo: number | null;
  isHead: boolean;
  onOpen(): void;
}

function LimbView({ limb, last, segment, seenTo, isHead, onOpen }: LimbProps): JSX.Element {
  const percent = (step: number): string => `${(step / last) * 100}%`;
  const place = { left: percent(limb.from), width: percent(limb.to - limb.from), top: `${limb.lane * LANE}px` };
  const kind = `limb${limb.lane ? " aside" : ""}${limb.foreign ? " foreign" : ""}`;
  const words = describe(limb, segment, isHead);
  const seen = seenTo === null ? "" : " seen";
  const closed = (seenTo === null || seenTo < limb.to) && !limb.foreign;
  const resumed = resumesOf(segment?.sessions ?? []).filter((one) => one.step >= limb.from && one.step <= limb.to);
  return (
    <>
      {limb.off !== null && (
        <span class={`limb-link${seen}`} style={{ left: place.left, top: `${limb.off * LANE + LANE / 2}px`, height: `${(limb.lane - limb.off) * LANE}px` }} />
      )}
      {closed && <button type="button" class={kind} style={place} title={words} aria-label={`Open ${words}`} onClick={onOpen} />}
      {!closed && seenTo === null && <span class={kind} style={place} title={words} />}
      {seenTo !== null && <span class={`${kind} seen`} style={{ ...place, width: percent(seenTo - limb.from) }} title={words} />}
      {resumed.map((one) => (
        <span key={one.stream} class="resumed" style={{ left: percent(one.step), top: place.top }} title={`Resumed at step ${one.step}${one.label ? ` (${one.label})` : ""}, ${formatDateTime(one.begun)}`} />
      ))}
    </>
  );
}

function describe(limb: Limb, segment: Segment | undefined, isHead: boolean): string {
  const steps = limb.to > limb.from ? `steps ${limb.from.toLocaleString("en")}–${limb.to.toLocaleString("en")}` : `step ${limb.from.toLocaleString("en")}, without rows of its own`;
  const what = limb.foreign ? `of ${segment?.run ?? "another run"}` : isHead ? "head" : segment?.archived ? "archived" : "";
  return [`segment ${limb.segment.slice(0, 12)}`, what, steps].filter(Boolean).join(", ");
}
