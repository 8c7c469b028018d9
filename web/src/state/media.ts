/** The steps at which a run logged an image or the like under one key, with what was logged. */

import { signal } from "@preact/signals";
import { getMedia } from "../api/resources";
import { Coalesced } from "../lib/coalesce";
import type { Item } from "../lib/media";
import { messageOf } from "../lib/message";

export interface MediaStep {
  step: number;
  items: Item[];
}

const PAGE = 500;
const MAX_STEPS = 5_000;
/** Steps at the end whose content is looked for again, as long as it is on its way. */
const EXPECTED = 100;

export class MediaState {
  readonly steps = signal<MediaStep[]>([]);
  readonly error = signal<string | null>(null);
  private from = 0;
  private closed = false;
  private readonly again = new Coalesced(() => this.fetch(), 900);

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly id: string,
    private readonly key: string,
    private readonly segment: string | null,
  ) {
    this.again.ask();
  }

  moved(): void {
    this.again.ask();
  }

  close(): void {
    this.closed = true;
    this.again.cancel();
  }

  private async fetch(): Promise<void> {
    try {
      let next: number | null = this.from;
      while (next !== null && this.steps.value.length < MAX_STEPS && !this.closed) {
        const from: number = next;
        const page: Awaited<ReturnType<typeof getMedia>> = await getMedia(this.entity, this.project, this.id, { key: this.key, min_step: from, limit: PAGE, segment: this.segment ?? undefined });
        const found = page.items.filter(({ items }) => items.length);
        if (found.length) this.steps.value = [...this.steps.value.filter(({ step }) => step < from), ...found];
        next = page.next;
      }
      const expected = this.steps.value.slice(-EXPECTED).find(({ items }) => items.some((item) => item["state"] === "waiting"));
      this.from = expected?.step ?? (this.steps.value.at(-1)?.step ?? -1) + 1;
      this.error.value = null;
    } catch (error) {
      if (!this.closed) this.error.value = messageOf(error);
    }
  }
}
