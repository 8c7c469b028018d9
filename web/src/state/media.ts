/** The steps at which a run logged an image, with the images. */

import { signal } from "@preact/signals";
import { getRows } from "../api/resources";
import { Coalesced } from "../lib/coalesce";
import { type ImageFile, imagesOf } from "../lib/media";

export interface MediaStep {
  step: number;
  images: ImageFile[];
}

const PAGE = 500;
const MAX_STEPS = 5_000;

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
        const page: Awaited<ReturnType<typeof getRows>> = await getRows(this.entity, this.project, this.id, { keys: this.key, min_step: next, limit: PAGE, segment: this.segment ?? undefined });
        const found = page.items.map((row) => ({ step: row._step, images: imagesOf(row[this.key]) })).filter(({ images }) => images.length);
        if (found.length) this.steps.value = [...this.steps.value, ...found];
        const last = page.items.at(-1);
        if (last) this.from = last._step + 1;
        next = page.next;
      }
      this.error.value = null;
    } catch (error) {
      if (!this.closed) this.error.value = error instanceof Error ? error.message : String(error);
    }
  }
}
