/** The patches that were saved with a run's code, as of where the playhead stands. */

import { signal } from "@preact/signals";
import { getFiles } from "../api/resources";
import type { FileView } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { segment, step } from "./place";

/** `diff.patch` is against the commit, `diff_<commit>.patch` against what the upstream has. */
const PATCH = /^diff(_[0-9a-f]{7,64})?\.patch$/;

export class PatchesState {
  readonly patches = signal<FileView[] | null>(null);
  readonly error = signal<string | null>(null);
  private closed = false;
  private readonly again = new Coalesced(() => this.fetch(), 60);

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly id: string,
  ) {}

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
      const page = await getFiles(this.entity, this.project, this.id, { segment: of ?? undefined, step: at ?? undefined, prefix: "diff", limit: 100 });
      if (stale()) return;
      this.patches.value = page.items.filter((file) => PATCH.test(file.path));
      this.error.value = null;
    } catch (error) {
      if (!stale()) this.error.value = error instanceof Error ? error.message : String(error);
    }
  }
}
