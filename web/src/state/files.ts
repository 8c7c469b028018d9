/**
 * A run's files as of where the playhead stands. They come in pages of names; what was there stays until all of the next list are there;
 * the first list is shown as it comes in.
 * At work, a run saves something seldom: the marks of its timeline tell when.
 */

import { signal } from "@preact/signals";
import { getFiles } from "../api/resources";
import type { FilePage, FileView, Mark } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { parentOf } from "../lib/filetree";
import { segment, step } from "./place";

const PAGE = 1_000;
/** Files that the page lists; the rest is found by the console's `playhead` and by address. */
export const MAX_FILES = 50_000;

export class FilesState {
  readonly files = signal<FileView[] | null>(null);
  readonly error = signal<string | null>(null);
  /** There are more than MAX_FILES. */
  readonly more = signal(false);
  /** Records of files that cannot be shown. */
  readonly leftOut = signal(0);
  /** Grows when something was saved. */
  readonly saves = signal(0);
  /** Folders that are open, or not, because somebody wanted it. */
  readonly turned = signal<ReadonlyMap<string, boolean>>(new Map());
  private closed = false;
  private told = "";
  private readonly again = new Coalesced(() => this.fetch(), 60);

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly id: string,
    private media: boolean,
  ) {}

  /** The playhead moved, or one looks at another segment. */
  moved(): void {
    this.again.ask();
  }

  setMedia(media: boolean): void {
    if (media === this.media) return;
    this.media = media;
    this.again.ask();
  }

  /** The marks of the timeline are these now. */
  marked(marks: readonly Mark[] | undefined): void {
    if (!marks) return;
    const saved = marks.filter((mark) => mark.kind === "file");
    const told = `${saved.length}/${saved.reduce((last, mark) => Math.max(last, mark.time), 0)}`;
    if (told !== this.told && this.told) {
      this.saves.value += 1;
      this.again.ask();
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

  close(): void {
    this.closed = true;
    this.again.cancel();
  }

  private async fetch(): Promise<void> {
    const first = this.files.peek() === null;
    const [at, of, media] = [step.peek(), segment.peek(), this.media];
    const stale = (): boolean => this.closed || at !== step.peek() || of !== segment.peek() || media !== this.media;
    try {
      const found: FileView[] = [];
      let cursor: string | undefined;
      let page: FilePage;
      do {
        page = await getFiles(this.entity, this.project, this.id, { segment: of ?? undefined, step: at ?? undefined, media, limit: PAGE, cursor });
        if (stale()) return;
        found.push(...page.items);
        if (first) this.files.value = [...found];
        cursor = page.next ?? undefined;
      } while (cursor !== undefined && found.length < MAX_FILES);
      this.files.value = found;
      this.more.value = cursor !== undefined;
      this.leftOut.value = page.left_out;
      this.error.value = null;
    } catch (error) {
      if (!stale()) this.error.value = error instanceof Error ? error.message : String(error);
    }
  }
}
