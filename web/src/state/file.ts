/** One file of a run: the version that is shown, all versions, and the beginning of its content. */

import { signal } from "@preact/signals";
import { ApiError } from "../api/http";
import { type At, getBytes, getFiles, getVersions } from "../api/resources";
import type { FileView } from "../api/types";
import { messageOf } from "../lib/message";
import { AsOf } from "./asof";
import { version } from "./place";

const PAGE = 100;

export class FileState extends AsOf {
  /** undefined: not known yet; null: there is none where the playhead stands. */
  readonly shown = signal<FileView | null | undefined>(undefined);
  /** Newest first. */
  readonly versions = signal<FileView[]>([]);
  readonly next = signal<string | null>(null);
  private known = false;

  constructor(
    entity: string,
    project: string,
    id: string,
    private readonly path: string,
  ) {
    super(entity, project, id);
  }

  protected override saved(): void {
    this.known = false;
    super.saved();
  }

  async more(): Promise<void> {
    const cursor = this.next.value;
    if (cursor === null) return;
    this.next.value = null;
    try {
      this.take(await this.ask(cursor), true);
    } catch (error) {
      this.error.value = messageOf(error);
      this.next.value = cursor;
    }
  }

  private ask(cursor?: string, limit = PAGE): ReturnType<typeof getVersions> {
    return getVersions(this.entity, this.project, this.id, this.path, limit, cursor);
  }

  private take({ items, next }: Awaited<ReturnType<typeof getVersions>>, behind: boolean): void {
    const known = behind ? this.versions.value : [];
    this.versions.value = [...known, ...items];
    this.next.value = next;
  }

  protected override chosen(): number | null {
    return version.value;
  }

  protected async fetch(at: At, stale: () => boolean): Promise<void> {
    const picked = this.chosen();
    try {
      if (!this.known) {
        this.known = true;
        this.take(await this.ask(), false);
      }
      const shown = picked === null ? await this.seen(at) : await this.picked(picked);
      if (!stale()) this.shown.value = shown;
    } catch (error) {
      this.known = false;
      if (!stale() && error instanceof ApiError && error.status === 404) this.shown.value = null;
      throw error;
    }
  }

  /** The version that is seen from a place. */
  private async seen(at: At): Promise<FileView | null> {
    const page = await getFiles(this.entity, this.project, this.id, { ...at, prefix: this.path, media: true, limit: 1 });
    const [first] = page.items;
    return first?.path === this.path ? first : null;
  }

  private async picked(number: number): Promise<FileView | null> {
    const known = this.versions.peek().find((one) => one.version === number);
    if (known) return known;
    const [found] = (await this.ask(String(number + 1), 1)).items;
    return found?.version === number ? found : null;
  }
}

/** Bytes that are fetched of a file when it is opened, and at most when somebody wants the rest of it. */
export const FIRST = 250_000;
export const MOST = 8_000_000;

/** A content that can be shown: `sha256` says when it is another one. */
export interface Shown {
  path: string;
  sha256: string;
  size: number;
}

export interface Content {
  file: Shown;
  bytes: Uint8Array;
}

export class ContentState {
  /** What was shown before stays until the next is there. */
  readonly content = signal<Content | null>(null);
  readonly error = signal<string | null>(null);
  readonly busy = signal(false);
  private current: AbortController | null = null;

  /** `address` tells where a content is. */
  constructor(private readonly address: (file: Shown) => string) {}

  /** Fetch the first `size` bytes of a file; of what is there already, only the rest. */
  async show(file: Shown, size: number): Promise<void> {
    this.current?.abort();
    const controller = new AbortController();
    this.current = controller;
    const before = this.content.peek();
    const there = before?.file.sha256 === file.sha256 ? before.bytes : new Uint8Array();
    const end = Math.min(file.size, size);
    this.busy.value = true;
    try {
      const rest = await getBytes(this.address(file), there.length, end, controller.signal);
      if (controller.signal.aborted) return;
      const bytes = new Uint8Array(there.length + rest.length);
      bytes.set(there);
      bytes.set(rest, there.length);
      this.content.value = { file, bytes };
      this.error.value = null;
    } catch (error) {
      if (!controller.signal.aborted) this.error.value = messageOf(error);
    } finally {
      if (this.current === controller) this.busy.value = false;
    }
  }

  close(): void {
    this.current?.abort();
  }
}
