/** Something of a run as of where the playhead stands: it is fetched anew when the playhead moves, and an answer for a place that was left is not taken. */

import { signal } from "@preact/signals";
import type { At } from "../api/resources";
import { Coalesced } from "../lib/coalesce";
import { segment, step } from "./place";

export abstract class AsOf {
  readonly error = signal<string | null>(null);
  private closed = false;
  private readonly again = new Coalesced(() => this.look(), 60);

  constructor(
    protected readonly entity: string,
    protected readonly project: string,
    protected readonly id: string,
  ) {}

  /** The playhead moved, one looks at another segment, or there is something new. */
  moved(): void {
    this.again.ask();
  }

  close(): void {
    this.closed = true;
    this.again.cancel();
  }

  /** `stale` says whether the place was left in the meantime. */
  protected abstract fetch(at: At, stale: () => boolean): Promise<void>;

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
      if (!stale()) this.error.value = error instanceof Error ? error.message : String(error);
    }
  }
}
