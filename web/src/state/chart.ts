/**
 * What one chart shows: asks the server when the question changes, again when one of its runs moved, never while the chart is
 * off the screen.
 */

import { signal } from "@preact/signals";
import { getChart } from "../api/resources";
import type { ChartQuery, Source } from "../api/types";
import { type Lines, metricOf, toLines, toWire, type XAxis } from "../lib/buckets";
import { Coalesced } from "../lib/coalesce";
import type { Columns } from "../lib/columns";
import { decadesOf, joined } from "../lib/decades";
import { messageOf } from "../lib/message";
import { moved } from "./project";
import { done, turn } from "./turns";

export interface Question {
  entity: string;
  project: string;
  runs: string[];
  key: string;
  source: Source;
  axis: XAxis;
  zoom: [number, number] | null;
  buckets: number;
  /** The x axis is logarithmic: each of its decades has buckets of its own. */
  logX: boolean;
  /** Another segment than the head, of one run. */
  segment: string | null;
  /** Only what the writers of this label wrote, of one run. */
  label: string | null;
}

export interface Drawing {
  question: Question;
  lines: Lines;
}

const REST = 400;
/** Milliseconds until a question that failed is asked again. */
const RETRY = 5_000;

async function ask(question: Question, given: AbortSignal): Promise<Lines> {
  const { entity, project, zoom, axis, runs, key, source } = question;
  const where = question.segment === null ? {} : { segment: question.segment };
  const whose = question.label === null ? {} : { label: question.label };
  const over = metricOf(axis);
  const along = over === null ? { axis: axis as ChartQuery["axis"] } : { axis: "step" as const, over };
  const part = async (range: { lo?: number; hi?: number }, buckets: number): Promise<[Lines, Columns]> => {
    const answer = await getChart(entity, project, { runs, key, source, buckets, ...along, ...range, ...where, ...whose }, given);
    return [toLines(answer, axis, runs.length), answer];
  };
  const range = zoom ? { lo: toWire(axis, zoom[0]), hi: toWire(axis, zoom[1]) } : {};
  const [whole, { meta }] = await part(range, question.buckets);
  const finest = over === null && Number(meta["width"] ?? 1) <= 1;
  const decades = question.logX ? decadesOf(whole.x, axis, zoom ? zoom[0] : null, finest) : [];
  const [, from] = decades.at(-1) ?? [0, 0];
  if (!decades.length) return whole;
  const buckets = Math.max(20, Math.round(question.buckets / (decades.length + 1)));
  const parts = await Promise.all(decades.map(([low, high]) => {
    const [lo, hi] = [toWire(axis, low), toWire(axis, high)];
    return part({ lo, hi: over === null ? hi - 1 : hi * (1 - Number.EPSILON) }, buckets);
  }));
  return joined(parts.map(([lines]) => lines), whole, from);
}

export class ChartState {
  readonly drawing = signal<Drawing | null>(null);
  readonly error = signal<string | null>(null);
  private question: Question | null = null;
  private asked = "";
  private stale = true;
  private onScreen = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private current: AbortController | null = null;
  private readonly again = new Coalesced(() => this.fetch(), REST);

  setQuestion(question: Question): void {
    this.question = question;
    const text = JSON.stringify(question);
    if (text === this.asked) return;
    this.asked = text;
    this.stale = true;
    this.current?.abort();
    if (this.onScreen) void this.fetch();
  }

  setOnScreen(onScreen: boolean): void {
    this.onScreen = onScreen;
    if (onScreen && this.stale && !this.current) void this.fetch();
  }

  /** Runs moved; `*` stands for all. */
  moved(runs: ReadonlySet<string>): void {
    if (!this.question || !moved({ runs }, this.question.runs)) return;
    this.stale = true;
    if (this.onScreen) this.again.ask();
  }

  close(): void {
    clearTimeout(this.retry);
    this.again.cancel();
    this.current?.abort();
  }

  private async fetch(): Promise<void> {
    const question = this.question;
    if (!question) return;
    if (this.current && !this.current.signal.aborted) return; // its answer is on the way; what is stale then is asked again
    this.stale = false;
    clearTimeout(this.retry);
    if (!question.runs.length) {
      this.drawing.value = { question, lines: { x: [], lines: [], points: 0 } };
      return;
    }
    const controller = new AbortController();
    this.current = controller;
    await turn();
    try {
      if (controller.signal.aborted) return;
      const lines = await ask(question, controller.signal);
      if (controller.signal.aborted) return;
      this.drawing.value = { question, lines };
      this.error.value = null;
    } catch (error) {
      if (controller.signal.aborted) return;
      this.stale = true;
      this.retry = setTimeout(() => this.onScreen && this.again.ask(), RETRY);
      this.error.value = messageOf(error);
    } finally {
      done();
      if (this.current === controller) {
        this.current = null;
        if (this.stale && this.onScreen && !this.error.value) this.again.ask();
      }
    }
  }
}
