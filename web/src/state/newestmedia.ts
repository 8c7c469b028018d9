/** The newest media of the runs that are drawn. Fresh while the stream says that they move. */

import { signal } from "@preact/signals";
import { getRunsById } from "../api/resources";
import type { Run } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { moved, place, pulse } from "./project";

const REST = 1_500;
/** Runs, and keys of each, that are looked at. */
const MAX_RUNS = 100;
const MAX_KEYS = 100;

export class NewestMedia {
  readonly runs = signal<readonly Run[]>([]);
  private ids: readonly string[] = [];
  private keys: readonly string[] = [];
  private closed = false;
  private readonly again = new Coalesced(() => this.fetch(), REST);
  private readonly unsubscribe = pulse.subscribe((news) => {
    if (this.keys.length && moved(news, this.ids)) this.again.ask();
  });

  want(ids: readonly string[], keys: readonly string[]): void {
    this.ids = ids.slice(0, MAX_RUNS);
    this.keys = keys.slice(0, MAX_KEYS);
    void this.fetch();
  }

  close(): void {
    this.closed = true;
    this.unsubscribe();
    this.again.cancel();
  }

  private async fetch(): Promise<void> {
    const [here, ids, keys] = [place.peek(), this.ids, this.keys];
    if (!here || !ids.length || !keys.length) return void (this.runs.value = []);
    // What cannot be had now is asked for when a run moves.
    const found = await getRunsById(here.entity, here.project, ids, keys.map((key) => `summary.${key}`)).catch(() => null);
    if (found && !this.closed && ids === this.ids && keys === this.keys) this.runs.value = found;
  }
}
