/** What a run logged and used as of where the playhead stands. */

import { signal } from "@preact/signals";
import { type At, getRunArtifacts } from "../api/resources";
import type { RunArtifact } from "../api/types";
import { AsOf } from "./asof";

const PAGE = 500;
const MOST = 5_000;

export class RunArtifactsState extends AsOf {
  readonly items = signal<RunArtifact[] | null>(null);
  readonly more = signal(false);

  protected async fetch(at: At, stale: () => boolean): Promise<void> {
    const found: RunArtifact[] = [];
    let cursor: string | undefined;
    do {
      const page = await getRunArtifacts(this.entity, this.project, this.id, { ...at, limit: PAGE, cursor });
      if (stale()) return;
      found.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && found.length < MOST);
    this.items.value = found;
    this.more.value = cursor !== undefined;
  }
}
