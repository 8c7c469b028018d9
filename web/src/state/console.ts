/**
 * A run's console: lines come in pages as they are scrolled to, the tail as it is written. A search reads everything, page by
 * page, and says how far it is.
 */

import { signal } from "@preact/signals";
import { type ConsoleQuery, getConsole } from "../api/resources";
import type { ConsoleLine } from "../api/types";
import { stripAnsi } from "../lib/ansi";
import { Coalesced } from "../lib/coalesce";
import { messageOf } from "../lib/message";
import { occurrences } from "../lib/search";

const PAGE = 500;
/** Pages kept; beyond it those that were looked at longest ago are dropped. */
const MAX_PAGES = 400;
/** Lines of the end that are asked for when the run moved. */
const TAIL = 200;
const MAX_MATCHES = 10_000;

export class ConsoleState {
  readonly total = signal<number | null>(null);
  readonly error = signal<string | null>(null);
  /** Grows when lines came in. */
  readonly version = signal(0);
  readonly matches = signal<number[]>([]);
  /** Share of the lines that the search has seen, 0 to 1. */
  readonly searched = signal(1);

  private pages = new Map<number, ConsoleLine[]>();
  private fetching = new Map<number, Promise<void>>();
  private needle = "";
  private scan = 0;
  private closed = false;
  /** The step that the pages are as of. */
  private keptStep: number | null = null;
  private readonly tail = new Coalesced(() => this.fetchTail(), 100);

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly id: string,
    private readonly segment: string | null,
    private step: number | null,
    private readonly label: string | null,
  ) {
    this.keptStep = step;
    void this.fetchTail();
  }

  /** Show it as of another step: what is there stays until the answer comes. */
  moveTo(step: number | null): void {
    if (step === this.step) return;
    this.step = step;
    this.scan += 1;
    this.tail.ask();
  }

  close(): void {
    this.closed = true;
    this.scan += 1;
    this.tail.cancel();
  }

  /** The run wrote something, perhaps to its console. */
  moved(): void {
    this.tail.ask();
  }

  line(number: number): ConsoleLine | undefined {
    return this.pages.get(Math.floor(number / PAGE))?.[number % PAGE];
  }

  /** Lines `first` to `last` are wanted on the screen. */
  want(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last - 1) / PAGE); page++) {
      const have = this.pages.get(page);
      if (have) {
        this.pages.delete(page); // to the end of the order, so that it is dropped last
        this.pages.set(page, have);
      }
      if (!have || this.hasHole(page, have)) void this.fetchPage(page);
    }
  }

  private hasHole(page: number, have: ConsoleLine[]): boolean {
    const length = Math.min(PAGE, (this.total.value ?? 0) - page * PAGE);
    for (let i = 0; i < length; i++) if (!have[i]) return true;
    return false;
  }

  private keep(items: readonly ConsoleLine[], total: number, step: number | null, tail: boolean): void {
    if (this.closed || (!tail && step !== this.keptStep)) return;
    if (step !== this.keptStep) {
      this.keptStep = step;
      // Lines of another moment may have other numbers; as many as before are those of before.
      if (total !== this.total.value) {
        this.pages = new Map();
        this.seen = 0;
        this.matches.value = [];
      }
    }
    for (const item of items) {
      const page = Math.floor(item.number / PAGE);
      const lines = this.pages.get(page) ?? [];
      lines[item.number % PAGE] = item;
      this.pages.set(page, lines);
    }
    for (const page of this.pages.keys()) {
      if (this.pages.size <= MAX_PAGES) break;
      this.pages.delete(page);
    }
    this.total.value = total;
    this.error.value = null;
    this.version.value += 1;
  }

  private fetchPage(page: number): Promise<void> {
    const running = this.fetching.get(page);
    if (running) return running;
    const fetch = this.ask({ after: page * PAGE - 1, limit: PAGE }).finally(() => this.fetching.delete(page));
    this.fetching.set(page, fetch);
    return fetch;
  }

  private async fetchTail(): Promise<void> {
    const before = this.total.value;
    await this.ask({ tail: true, limit: TAIL });
    const total = this.total.value ?? 0;
    // More was written than the tail holds: what lies between comes when it is scrolled to. A search goes on with it.
    if (this.needle && total !== before) void this.searchOn();
  }

  /** The row of the first line of a step, or of the one after it; null if it cannot be told. */
  async rowOf(step: number): Promise<number | null> {
    if (step <= 0) return 0;
    try {
      const before = { segment: this.segment ?? undefined, label: this.label ?? undefined, step: step - 1 };
      const { total } = await getConsole(this.entity, this.project, this.id, { tail: true, limit: 1, ...before });
      return Math.max(0, Math.min(total, (this.total.value ?? 1) - 1));
    } catch (error) {
      this.error.value = messageOf(error);
      return null;
    }
  }

  private async ask(query: ConsoleQuery): Promise<void> {
    const { segment, label } = this;
    const step = query.tail ? this.step : this.keptStep;
    try {
      const place = { segment: segment ?? undefined, step: step ?? undefined, label: label ?? undefined };
      const page = await getConsole(this.entity, this.project, this.id, { ...query, ...place });
      this.keep(page.items, page.total, step, query.tail === true);
    } catch (error) {
      if (!this.closed) this.error.value = messageOf(error);
    }
  }

  /** Look for `needle` in all lines; an empty one ends the search. */
  async search(needle: string): Promise<void> {
    this.needle = needle;
    this.seen = 0;
    this.matches.value = [];
    await this.searchOn();
  }

  private seen = 0;

  private async searchOn(): Promise<void> {
    const scan = ++this.scan;
    this.searched.value = this.needle ? 0 : 1;
    while (this.needle && this.seen < (this.total.value ?? 0) && this.matches.value.length < MAX_MATCHES) {
      const page = Math.floor(this.seen / PAGE);
      const have = this.pages.get(page);
      if (!have || this.hasHole(page, have)) await this.fetchPage(page);
      if (scan !== this.scan || this.error.value) return;
      const total = this.total.value ?? 0;
      const end = Math.min(total, (page + 1) * PAGE);
      const found: number[] = [];
      for (let number = this.seen; number < end; number++) {
        if (occurrences(stripAnsi(this.line(number)?.text ?? ""), this.needle).length) found.push(number);
      }
      this.seen = end;
      if (found.length) this.matches.value = [...this.matches.value, ...found];
      this.searched.value = end / Math.max(1, total);
    }
    this.searched.value = 1;
  }
}
