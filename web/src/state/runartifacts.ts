/** What a run logged and used as of where the playhead stands. */

import { signal } from "@preact/signals";
import { getRunArtifacts } from "../api/resources";
import type { RunArtifact } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { segment, step } from "./place";

const PAGE = 500;
const MOST = 5_000;

export class RunArtifactsState {
  readonly items = signal<RunArtifact[] | null>(null);
  readonly error = signal<string | null>(null);
  readonly more = signal(false);
  private closed = false;
  private readonly again = new Coalesced(() => this.fetch(), 60);

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly id: string,
  ) {}

  /** The playhead moved, or the run did. */
  moved(): void {
    this.again.ask();
  }

  close(): void {
    this.closed = true;
    this.again.cancel();
  }

  private async fetch(): Promise<void> {
    const [at, of] = [step.peek(), segment.peek()];
    const stale = (): boolean => this.closed || at !== step.peek() || of !== segment.peek();
    try {
      const found: RunArtifact[] = [];
      let cursor: string | undefined;
      do {
        const page = await getRunArtifacts(this.entity, this.project, this.id, { segment: of ?? undefined, step: at ?? undefined, limit: PAGE, cursor });
        if (stale()) return;
        found.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor !== undefined && found.length < MOST);
      this.items.value = found;
      this.more.value = cursor !== undefined;
      this.error.value = null;
    } catch (error) {
      if (!stale()) this.error.value = error instanceof Error ? error.message : String(error);
    }
  }
}
