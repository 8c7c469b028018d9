/**
 * What one chart shows: asks the server when the question changes, again when one of its runs moved, never while the chart is
 * off the screen.
 */

import { signal } from "@preact/signals";
import { getChart } from "../api/resources";
import type { ChartQuery, Source } from "../api/types";
import { type Lines, metricOf, toLines, toWire, type XAxis } from "../lib/buckets";
import { Coalesced } from "../lib/coalesce";
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
    if (!this.question || !(runs.has("*") || this.question.runs.some((id) => runs.has(id)))) return;
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
      const { entity, project, zoom, axis } = question;
      const range = zoom ? { lo: toWire(axis, zoom[0]), hi: toWire(axis, zoom[1]) } : {};
      const { runs, key, source, buckets } = question;
      const where = question.segment === null ? {} : { segment: question.segment };
      const whose = question.label === null ? {} : { label: question.label };
      const over = metricOf(axis);
      const along = over === null ? { axis: axis as ChartQuery["axis"] } : { axis: "step" as const, over };
      const answer = await getChart(entity, project, { runs, key, source, buckets, ...along, ...range, ...where, ...whose }, controller.signal);
      if (controller.signal.aborted) return;
      this.drawing.value = { question, lines: toLines(answer, axis, runs.length) };
      this.error.value = null;
    } catch (error) {
      if (controller.signal.aborted) return;
      this.stale = true;
      this.retry = setTimeout(() => this.onScreen && this.again.ask(), RETRY);
      this.error.value = error instanceof Error ? error.message : String(error);
    } finally {
      done();
      if (this.current === controller) {
        this.current = null;
        if (this.stale && this.onScreen && !this.error.value) this.again.ask();
      }
    }
  }
}
