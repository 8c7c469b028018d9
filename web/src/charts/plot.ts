/** One uPlot, as Playhead draws: a line a run, its min–max as a pale band, the unsmoothed line paler. */

import uPlot from "uplot";
import { type Line, nearestFilled } from "../lib/buckets";
import { xAxis, yAxis } from "./axes";
import { nearestRun } from "./nearest";
import type { Picture } from "./picture";
import { type Cursor, PlayheadMark } from "./playhead";
import { drawUnderlay, MAX_BANDS } from "./underlay";
import { clippedExtent, extent, xRange, yRange } from "./scales";
import type { Ink } from "./theme";

export interface Point {
  /** Into x. */
  index: number;
  /** Pixels from the left edge of the chart. */
  left: number;
  /** The run whose line the pointer touches. */
  run: string | null;
}

export interface Handlers {
  onZoom(range: [number, number] | null): void;
  /** The pointer is over the chart; null when it left. */
  onPoint(at: Point | null): void;
}

/** All charts of the page share a crosshair, by x value. */
const crosshair = "playhead";
/** How far from the pointer a run's value may lie to be shown, in buckets. */
const REACH = 40;
/** How near to a line the pointer touches it, in pixels. */
const TOUCH = 24;
/** Pixels between two points of a line from which on they are drawn. */
const AIR = 14;

export class Plot {
  private picture: Picture;
  private readonly plot: uPlot;
  private readonly playhead: PlayheadMark;
  private front: string | null = null;

  constructor(host: HTMLElement, picture: Picture, size: { width: number; height: number }, private readonly ink: Ink, handlers: Handlers) {
    this.picture = picture;
    this.plot = new uPlot(this.options(picture, size, handlers), this.data(), host);
    this.plot.over.addEventListener("dblclick", () => handlers.onZoom(null));
    this.playhead = new PlayheadMark(this.plot, picture.axis);
  }

  /** Whether a new picture needs another plot, or can be drawn in this one. */
  fits(picture: Picture): boolean {
    const now = this.picture;
    const drawn = (p: Picture): string => p.lines.lines.map((line) => `${p.ids[line.run]}${p.colours[line.run]}`).join();
    return now.axis === picture.axis && now.log === picture.log && now.logX === picture.logX && drawn(now) === drawn(picture);
  }

  show(picture: Picture): void {
    this.picture = picture;
    this.plot.setData(this.data());
  }

  resize(size: { width: number; height: number }): void {
    this.plot.setSize(size);
  }

  /** Draw this run in front, the others pale. */
  highlight(id: string | null): void {
    if (id === this.front) return;
    const found = this.picture.lines.lines.findIndex((line) => this.picture.ids[line.run] === id);
    this.front = found === -1 ? null : id;
    this.plot.setSeries(found === -1 ? null : found + 1, { focus: true }, false);
    this.plot.redraw(false);
  }

  /** Where the run's playhead stands; null at the end. */
  stand(cursor: Cursor | null): void {
    this.playhead.move(cursor);
  }

  /** Put the crosshair on a value, as the pointer would. */
  pointAt(index: number): Point {
    const left = this.plot.valToPos(this.picture.lines.x[index] ?? 0, "x");
    this.plot.setCursor({ left, top: this.plot.over.clientHeight / 2 });
    return { index, left: left + this.plot.over.offsetLeft, run: null };
  }

  destroy(): void {
    this.plot.destroy();
  }

  private data(): uPlot.AlignedData {
    return [this.picture.lines.x, ...this.picture.drawn] as uPlot.AlignedData;
  }

  private options(picture: Picture, size: { width: number; height: number }, handlers: Handlers): uPlot.Options {
    return {
      ...size,
      padding: [10, 16, 0, 0],
      legend: { show: false },
      focus: { alpha: 0.18 },
      scales: {
        x: { time: picture.axis === "time", distr: picture.logX ? 3 : 1, range: () => xRange(this.picture.lines.x, this.picture.zoom) },
        y: { distr: picture.log ? 3 : 1, range: () => yRange(this.extent(), this.picture.log) },
      },
      axes: [xAxis(picture.axis, picture.logX, this.ink), yAxis(picture.log, this.ink)],
      series: [{}, ...picture.lines.lines.map((line) => series(line, picture))],
      cursor: {
        y: false,
        points: {
          // With many runs the legend tells more than a crowd of circles, which would have to move with every pointer move.
          ...(picture.lines.lines.length > MAX_BANDS ? { show: false } : {}),
          size: 7,
          width: 2,
          stroke: (_plot, index) => this.colour(index),
          fill: () => "var(--surface)",
        },
        drag: { x: true, y: false, setScale: false, dist: 5 },
        focus: { prox: -1 },
        // Charts share where the pointer is; what one is zoomed to is its own.
        sync: { key: crosshair, setSeries: false, scales: ["x", null], filters: { pub: (type) => type.startsWith("mouse") && !/down|up/.test(type) } },
        dataIdx: (plot, index, closest) => {
          const values = plot.data[index] ?? [];
          return index === 0 || values[closest] === null ? closest : (nearestFilled(values, closest, REACH) ?? closest);
        },
      },
      hooks: {
        draw: [() => this.playhead?.place()],
        drawAxes: [(plot) => drawUnderlay(plot, this.picture, this.front)],
        setSelect: [(plot) => zoomTo(plot, handlers)],
        setCursor: [(plot) => handlers.onPoint(this.point(plot))],
      },
    };
  }

  private point(plot: uPlot): Point | null {
    const { idx, left, top } = plot.cursor;
    // A crosshair that came over from another chart has no words here.
    const own = (plot.cursor as { event?: MouseEvent | null }).event != null;
    if (!own || idx == null || left == null || top == null || left < 0) return null;
    const away = (value: number): number => Math.abs(plot.valToPos(value, "y") - top);
    const run = nearestRun(this.picture.lines, idx, away, TOUCH);
    return { index: idx, left: left + plot.over.offsetLeft, run: run === null ? null : (this.picture.ids[run] ?? null) };
  }

  private extent(): [number, number] | null {
    const { lines } = this.picture.lines;
    const { log, clip } = this.picture;
    return (clip ? clippedExtent : extent)(lines, log, lines.length <= MAX_BANDS);
  }

  private colour(index: number): string {
    const line = this.picture.lines.lines[index - 1];
    return line ? (this.picture.colours[line.run] ?? "#888888") : "#888888";
  }
}

function series(line: Line, picture: Picture): uPlot.Series {
  const colour = picture.colours[line.run] ?? "#888888";
  return {
    stroke: colour,
    width: 1.6,
    points: { show: (plot) => airy(plot, line, picture), size: line.filled === 1 ? 7 : 5, fill: colour, width: 0 },
  };
}

/** Whether the points of a line lie far enough apart to be drawn one by one. */
function airy(plot: uPlot, line: Line, { lines }: Picture): boolean {
  if (line.filled < 2) return true;
  const first = line.mean.findIndex((value) => value != null);
  const last = line.mean.findLastIndex((value) => value != null);
  const width = plot.valToPos(lines.x[last] ?? 0, "x") - plot.valToPos(lines.x[first] ?? 0, "x");
  return width / (line.filled - 1) >= AIR;
}

function zoomTo(plot: uPlot, handlers: Handlers): void {
  const { left, width } = plot.select;
  if (width < 5) return;
  const range: [number, number] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  handlers.onZoom(range);
}
