/** What a run logged and used as of where the playhead stands. */

import { signal } from "@preact/signals";
import { type At, getRunArtifacts } from "../api/resources";
import type { RunArtifact } from "../api/types";
import { allPages } from "../lib/pages";
import { AsOf } from "./asof";

const PAGE = 500;
const MOST = 5_000;

export class RunArtifactsState extends AsOf {
  readonly items = signal<RunArtifact[] | null>(null);
  readonly more = signal(false);

  protected async fetch(at: At, stale: () => boolean): Promise<void> {
    const ask = (cursor?: string) => getRunArtifacts(this.entity, this.project, this.id, { ...at, limit: PAGE, cursor });
    const { items, more } = await allPages(ask, MOST, { wanted: () => !stale() });
    if (stale()) return;
    this.items.value = items;
    this.more.value = more;
  }
}
