/** A chart's card: its title and switches, the drawing when it is on the screen, the legend at the pointer. */

import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Source } from "../api/types";
import { metricOf, type XAxis } from "../lib/buckets";
import { formatNumber, plural } from "../lib/format";
import type { Grouping } from "../lib/groups";
import { ChartState } from "../state/chart";
import { axisFor } from "../state/definitions";
import { segment } from "../state/place";
import { pulse } from "../state/project";
import { hovered, setFull, view } from "../state/view";
import { Canvas } from "./Canvas";
import { ChartTools } from "./ChartTools";
import { deedOf, KEYS } from "./keyboard";
import { useOnScreen, useWidth } from "./onScreen";
import type { Picture } from "./picture";
import type { Point } from "./plot";
import { saveCsv, savePng } from "./save";
import { Tooltip } from "./Tooltip";
import { usePicture } from "./usePicture";
import { useOwned } from "./useOwned";

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
  /** Groups to draw as one line each, where that is wanted. */
  grouping?: Grouping | null;
  /** Only what the writers of this label wrote. */
  label?: string | null;
  /** It fills the window: so many pixels high. */
  full?: number;
}

const HEIGHT = 196;
const WIDE_HEIGHT = 380;

/** Its card; what is in it is made when it first comes on the screen. */
export function Chart(props: ChartProps): JSX.Element {
  const { chartKey, title, unit, source, full } = props;
  const card = useRef<HTMLElement>(null);
  const [wide, setWide] = useState(false);
  const onScreen = useOnScreen(card);
  const seen = useRef(false);
  seen.current ||= onScreen;
  const axis = axisOf(source, chartKey);
  const over = view.value.axis === "step" ? metricOf(axis) : null;
  const height = full ?? (wide ? WIDE_HEIGHT : HEIGHT);
  const heading = (
    <h3 title={chartKey}>
      {title} {(unit || over) && <span class="unit">{unit || `over ${over}`}</span>}
    </h3>
  );
  return (
    <section class={`card chart${wide ? " wide" : ""}`} ref={card} aria-label={`Chart of ${chartKey}`} data-key={full ? undefined : chartKey}>
      {seen.current ? <Inside {...props} axis={axis} onScreen={onScreen} wide={wide} onWide={setWide} height={height} heading={heading} /> : (
        <>
          <header class="chart-head">{heading}</header>
          <div class="chart-body" style={{ height: `${height}px` }} role="img" aria-label={describe(chartKey, null)} />
        </>
      )}
    </section>
  );
}

interface InsideProps extends ChartProps {
  axis: XAxis;
  onScreen: boolean;
  wide: boolean;
  onWide(wide: boolean): void;
  height: number;
  heading: JSX.Element;
}

function Inside({ entity, project, chartKey, title, source, runs, grouping = null, label = null, full, axis, onScreen, wide, onWide, height, heading }: InsideProps): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const width = useWidth(body);
  const [zoom, setZoom] = useState<[number, number] | null>(null);
  const [point, setPoint] = useState<Point | null>(null);
  const state = useOwned(() => new ChartState());

  useEffect(() => setZoom(null), [axis, segment.value]);
  // Asked for before the frame is painted: charts are what one waits for.
  useLayoutEffect(() => {
    if (width < 40) return;
    const buckets = Math.min(2000, Math.max(50, Math.round(width / 20) * 20));
    state.setQuestion({ entity, project, key: chartKey, source, axis, zoom, buckets, logX: view.value.logX && axis !== "time", segment: segment.value, label, runs: runs.map((run) => run.id) });
  });
  useLayoutEffect(() => state.setOnScreen(onScreen), [onScreen]);
  useSignalEffect(() => state.moved(pulse.value.runs));

  const pointed = (at: Point | null): void => {
    if (at === null && point === null) return;
    setPoint(at);
    hovered.value = at?.run ?? null;
  };

  const picture = usePicture(state, chartKey, runs, grouping);
  const pointAt = useRef<((index: number) => Point | null) | null>(null);
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "f" && !full) return setFull(chartKey);
    const deed = deedOf(event.key, event.shiftKey, { x: picture?.lines.x ?? [], index: point?.index ?? null, zoom });
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    if ("zoom" in deed) setZoom(deed.zoom);
    pointed("point" in deed ? (pointAt.current?.(deed.point) ?? null) : null);
  };
  const front = hovered.value;
  const nothing = picture && whyNothing(picture, runs.length);
  const save = (kind: "png" | "csv"): void => {
    const canvas = body.current?.querySelector("canvas");
    if (picture && kind === "csv") saveCsv(chartKey, picture);
    else if (picture && canvas) void savePng(chartKey, picture, canvas);
  };

  return (
    <>
      <header class="chart-head">
        {heading}
        {onScreen && (
          <ChartTools
            chartKey={chartKey} title={title} log={view.value.log.has(chartKey)} zoomed={zoom !== null} onResetZoom={() => setZoom(null)} wide={wide}
            onWide={onWide} full={full !== undefined} stale={picture && state.error.value} onSave={picture && !nothing ? save : null}
          />
        )}
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
        {picture && point && onScreen && !nothing && <Tooltip picture={picture} index={point.index} left={point.left} front={front} />}
      </div>
    </>
  );
}

/** What a machine does is sampled by time, whatever step the training is at. */
function axisOf(source: Source, key: string): XAxis {
  const { axis, defined } = view.value;
  if (source === "system") return axis === "time" ? axis : "runtime";
  const own = axis === "step" && defined ? axisFor(key) : null;
  return own === null || own === key ? axis : `metric:${own}`;
}

/** Why there is nothing to draw; null when there is something. */
function whyNothing({ lines, axis }: Picture, runs: number): string | null {
  if (!runs) return "No run is shown";
  if (!lines.x.length) return axis.startsWith("metric:") ? "Never logged together with the metric of the x axis" : "No values in this range";
  return lines.lines.every((line) => line.filled === 0) ? "Only NaN or infinite values" : null;
}

function describe(key: string, picture: Picture | null): string {
  if (!picture) return `${key}, loading`;
  const { lines, points } = picture.lines;
  const last = lines[0]?.mean.findLast((value) => value != null);
  const words = last != null && lines.length === 1 ? `, last ${formatNumber(last)}` : "";
  return `${key}: ${plural(lines.length, picture.grouped ? "group" : "run")}, ${plural(points, "point")}${words}`;
}
