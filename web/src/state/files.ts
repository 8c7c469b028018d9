/**
 * A run's files as of where the playhead stands. They come in pages of names; what was there stays until all of the next list are there;
 * the first list is shown as it comes in.
 * At work, a run saves something seldom: the marks of its timeline tell when.
 */

import { signal } from "@preact/signals";
import { type At, getFiles } from "../api/resources";
import type { FilePage, FileView, Mark } from "../api/types";
import { parentOf } from "../lib/filetree";
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
  /** Grows when something was saved. */
  readonly saves = signal(0);
  /** Folders that are open, or not, because somebody wanted it. */
  readonly turned = signal<ReadonlyMap<string, boolean>>(new Map());
  private told = "";

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

  /** The marks of the timeline are these now. */
  marked(marks: readonly Mark[] | undefined): void {
    if (!marks) return;
    const saved = marks.filter((mark) => mark.kind === "file");
    const told = `${saved.length}/${saved.reduce((last, mark) => Math.max(last, mark.time), 0)}`;
    if (told !== this.told && this.told) {
      this.saves.value += 1;
      this.moved();
    }
    this.told = told;
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
    const found: FileView[] = [];
    let cursor: string | undefined;
    let page: FilePage;
    do {
      page = await getFiles(this.entity, this.project, this.id, { ...at, media: this.media, limit: PAGE, cursor });
      if (stale()) return;
      found.push(...page.items);
      if (first) this.files.value = [...found];
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && found.length < MAX_FILES);
    this.files.value = found;
    this.more.value = cursor !== undefined;
    this.leftOut.value = page.left_out;
  }
}
