/**
 * A run's files as of where the playhead stands. They come in pages of names; what was there stays until all of the next list are there;
 * the first list is shown as it comes in.
 */

import { signal } from "@preact/signals";
import { type At, getFiles } from "../api/resources";
import type { FilePage, FileView } from "../api/types";
import { parentOf } from "../lib/filetree";
import { allPages } from "../lib/pages";
import { AsOf } from "./asof";

const PAGE = 1_000;
/** Files that the page lists; the rest is found by the console's `playhead` and by address. */
export const MAX_FILES = 50_000;

export class FilesState extends AsOf {
  readonly files = signal<FileView[] | null>(null);
  /** There are more than MAX_FILES. */
  readonly more = signal(false);
  /** Records of files that cannot be shown. */
  readonly leftOut = signal(0);
  /** Folders that are open, or not, because somebody wanted it. */
  readonly turned = signal<ReadonlyMap<string, boolean>>(new Map());

  constructor(
    entity: string,
    project: string,
    id: string,
    private media: boolean,
  ) {
    super(entity, project, id);
  }

  setMedia(media: boolean): void {
    if (media === this.media) return;
    this.media = media;
    this.moved();
  }

  turn(folder: string, open: boolean): void {
    this.turned.value = new Map(this.turned.value).set(folder, open);
  }

  /** Opens the folders that a file is in. */
  reveal(path: string): void {
    const turned = new Map(this.turned.value);
    for (let folder = parentOf(path); folder; folder = parentOf(folder)) turned.set(folder, true);
    this.turned.value = turned;
  }

  protected override chosen(): boolean {
    return this.media;
  }

  protected async fetch(at: At, stale: () => boolean): Promise<void> {
    const first = this.files.peek() === null;
    let page: FilePage | undefined;
    const ask = async (cursor?: string): Promise<FilePage> => (page = await getFiles(this.entity, this.project, this.id, { ...at, media: this.media, limit: PAGE, cursor }));
    const { items, more } = await allPages(ask, MAX_FILES, { wanted: () => !stale(), came: (found) => first && (this.files.value = [...found]) });
    if (stale()) return;
    this.files.value = items;
    this.more.value = more;
    this.leftOut.value = page?.left_out ?? 0;
  }
}
