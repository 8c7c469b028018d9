/**
 * Something of the open run as of where the playhead stands: it is fetched anew when the playhead moves or the run saves a file, and an answer for a place
 * that was left is not taken.
 */

import { computed, effect, signal } from "@preact/signals";
import type { At } from "../api/resources";
import { Coalesced } from "../lib/coalesce";
import { messageOf } from "../lib/message";
import { segment, step } from "./place";
import { run, saved } from "./run";

const head = computed(() => run.value.data?.head);

export abstract class AsOf {
  readonly error = signal<string | null>(null);
  private closed = false;
  private readonly again = new Coalesced(() => this.look(), 60);
  private readonly ends = [
    effect(() => {
      void [step.value, segment.value, head.value, this.chosen()];
      this.moved();
    }),
    effect(() => {
      if (saved.value !== null) this.saved();
    }),
  ];

  constructor(
    protected readonly entity: string,
    protected readonly project: string,
    protected readonly id: string,
  ) {}

  /** The playhead stands elsewhere, one looks at something else, or there is something new. */
  moved(): void {
    this.again.ask();
  }

  close(): void {
    this.closed = true;
    for (const end of this.ends) end();
    this.again.cancel();
  }

  /** `stale` says whether the place was left in the meantime. */
  protected abstract fetch(at: At, stale: () => boolean): Promise<void>;

  /** The run saved something. */
  protected saved(): void {
    this.moved();
  }

  /** What is looked at, beside the place. */
  protected chosen(): unknown {
    return null;
  }

  private async look(): Promise<void> {
    const [at, of, chosen] = [step.peek(), segment.peek(), this.chosen()];
    const stale = (): boolean => this.closed || at !== step.peek() || of !== segment.peek() || chosen !== this.chosen();
    try {
      await this.fetch({ segment: of ?? undefined, step: at ?? undefined }, stale);
      if (!stale()) this.error.value = null;
    } catch (error) {
      if (!stale()) this.error.value = messageOf(error);
    }
  }
}
