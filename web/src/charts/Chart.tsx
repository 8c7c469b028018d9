/** A chart's card: its title and switches, the drawing when it is on the screen, the legend at the pointer. */

import { useComputed, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Source } from "../api/types";
import { formatNumber, plural } from "../lib/format";
import { ChartState } from "../state/chart";
import { runColour } from "../state/colours";
import { segment } from "../state/place";
import { pulse } from "../state/project";
import { theme } from "../state/theme";
import { hovered, toggleLog, view } from "../state/view";
import { Canvas } from "./Canvas";
import { useOnScreen, useWidth } from "./onScreen";
import { deedOf, KEYS } from "./keyboard";
import type { Picture } from "./picture";
import type { Point } from "./plot";
import { Tooltip } from "./Tooltip";

export interface ChartProps {
  entity: string;
  project: string;
  chartKey: string;
  title: string;
  /** What its values are measured in. */
  unit?: string;
  source: Source;
  /** Runs to draw: id and name, those in front last. */
  runs: readonly { id: string; name: string }[];
  /** Only what the writers of this label wrote. */
  label?: string | null;
}

const HEIGHT = 196;
const WIDE_HEIGHT = 380;

export function Chart({ entity, project, chartKey, title, unit, source, runs, label = null }: ChartProps): JSX.Element {
  const card = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const onScreen = useOnScreen(card);
  const width = useWidth(body);
  const [zoom, setZoom] = useState<[number, number] | null>(null);
  const [wide, setWide] = useState(false);
  const [point, setPoint] = useState<Point | null>(null);
  const state = useMemo(() => new ChartState(), []);
  const { smoothing } = view.value;
  // What a machine does is sampled by time, whatever step the training is at.
  const axis = source === "system" && view.value.axis === "step" ? "runtime" : view.value.axis;
  const log = useComputed(() => view.value.log.has(chartKey)).value;

  useEffect(() => setZoom(null), [axis, segment.value]);
  useEffect(() => {
    if (width < 40) return;
    const buckets = Math.min(2000, Math.max(50, Math.round(width / 20) * 20));
    state.setQuestion({ entity, project, key: chartKey, source, axis, zoom, buckets, segment: segment.value, label, runs: runs.map((run) => run.id) });
  });
  useEffect(() => state.setOnScreen(onScreen), [onScreen]);
  useSignalEffect(() => state.moved(pulse.value.runs));
  useEffect(() => () => state.close(), []);

  const pointed = (at: Point | null): void => {
    if (at === null && point === null) return;
    setPoint(at);
    hovered.value = at?.run ?? null;
  };

  const pointAt = useRef<((index: number) => Point | null) | null>(null);
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const deed = deedOf(event.key, event.shiftKey, { x: picture?.lines.x ?? [], index: point?.index ?? null, zoom });
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    if ("zoom" in deed) setZoom(deed.zoom);
    pointed("point" in deed ? (pointAt.current?.(deed.point) ?? null) : null);
  };

  const drawing = state.drawing.value;
  const ids = drawing?.question.runs ?? [];
  const colours = ids.map(runColour);
  const picture = useMemo<Picture | null>(
    () => drawing && { lines: drawing.lines, ids, colours, axis: drawing.question.axis, log, smoothing, zoom: drawing.question.zoom },
    [drawing, log, smoothing, theme.value, colours.join()],
  );
  const names = useMemo(() => {
    const byId = new Map(runs.map((run) => [run.id, run.name]));
    return ids.map((id) => byId.get(id) ?? id);
  }, [drawing, runs]);
  const height = wide ? WIDE_HEIGHT : HEIGHT;
  const nothing = picture && whyNothing(picture, runs.length);

  return (
    <section class={`card chart${wide ? " wide" : ""}`} ref={card} aria-label={`Chart of ${chartKey}`} data-key={chartKey}>
      <header class="chart-head">
        <h3 title={chartKey}>
          {title} {unit && <span class="unit">{unit}</span>}
        </h3>
        <span class="chart-tools">
          {state.error.value && picture && (
            <span class="chart-stale" role="status" title={state.error.value}>
              not up to date
            </span>
          )}
          {zoom && (
            <button type="button" class="chip" onClick={() => setZoom(null)} title="Show everything again (double click)">
              Reset zoom
            </button>
          )}
          <button type="button" class="chip" aria-pressed={log} onClick={() => toggleLog(chartKey)} title="Logarithmic y axis">
            log
          </button>
          <button type="button" class="chip" aria-pressed={wide} onClick={() => setWide(!wide)} aria-label={`Larger ${title}`} title={wide ? "Smaller" : "Larger"}>
            {wide ? "−" : "+"}
          </button>
        </span>
      </header>
      <div
        class="chart-body" ref={body} style={{ height: `${height}px` }} role="img" aria-label={describe(chartKey, picture)}
        tabIndex={0} aria-keyshortcuts={KEYS} onKeyDown={key} onBlur={() => pointed(null)}
      >
        {picture && onScreen && !nothing && (
          <Canvas picture={picture} width={width} height={height} pointAt={pointAt} onZoom={setZoom} onPoint={pointed} />
        )}
        {nothing && <p class="chart-note">{nothing}</p>}
        {state.error.value && !picture && <p class="chart-note error">{state.error.value}</p>}
        {picture && point && onScreen && !nothing && (
          <Tooltip picture={picture} names={names} index={point.index} left={point.left} front={hovered.value} />
        )}
      </div>
    </section>
  );
}

/** Why there is nothing to draw; null when there is something. */
function whyNothing({ lines }: Picture, runs: number): string | null {
  if (!runs) return "No run is shown";
  if (!lines.x.length) return "No values in this range";
  return lines.lines.every((line) => line.filled === 0) ? "Only NaN or infinite values" : null;
}

function describe(key: string, picture: Picture | null): string {
  if (!picture) return `${key}, loading`;
  const { lines, points } = picture.lines;
  const last = lines[0]?.mean.findLast((value) => value != null);
  const words = last != null && lines.length === 1 ? `, last ${formatNumber(last)}` : "";
  return `${key}: ${plural(lines.length, "run")}, ${plural(points, "point")}${words}`;
}
