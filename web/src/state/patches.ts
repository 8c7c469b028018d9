/** The patches that were saved with a run's code, as of where the playhead stands. */

import { signal } from "@preact/signals";
import { type At, getFiles } from "../api/resources";
import type { FileView } from "../api/types";
import { AsOf } from "./asof";

/** `diff.patch` is against the commit, `diff_<commit>.patch` against what the upstream has. */
const PATCH = /^diff(_[0-9a-f]{7,64})?\.patch$/;

export class PatchesState extends AsOf {
  readonly patches = signal<FileView[] | null>(null);

  protected async fetch(at: At, stale: () => boolean): Promise<void> {
    const page = await getFiles(this.entity, this.project, this.id, { ...at, prefix: "diff", limit: 100 });
    if (stale()) return;
    this.patches.value = page.items.filter((file) => PATCH.test(file.path));
  }
}
