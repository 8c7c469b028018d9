/** A project's artifacts: what there is, the one that is open with its versions, what is in it, where it comes from. */

import { effect, signal } from "@preact/signals";
import { getArtifact, getArtifactVersions, getCollections, getEntries, getLineage } from "../api/resources";
import type { Artifact, Collection, Entry, Lineage } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { allPages } from "../lib/pages";
import { load, loading } from "./loading";
import { pulse, settled } from "./project";

const PAGE = 200;
const FILES = 1_000;
const DEPTH = 4;
/** Collections that the page lists. */
export const MAX_COLLECTIONS = 10_000;

/** Milliseconds between two looks while runs move: what they log is committed a little later. */
const REST = 3_000;

export class ArtifactsState {
  readonly collections = loading<Collection[]>();
  private closed = false;
  private readonly again = new Coalesced(() => this.fetch(), REST);
  private readonly unfollow = effect(() => {
    void [pulse.value, settled.value];
    this.again.ask();
  });

  constructor(
    private readonly entity: string,
    private readonly project: string,
  ) {}

  async fetch(): Promise<void> {
    const all = async (): Promise<Collection[]> => (await allPages((cursor) => getCollections(this.entity, this.project, cursor), MAX_COLLECTIONS)).items;
    await load(this.collections, all, () => !this.closed);
  }

  close(): void {
    this.closed = true;
    this.unfollow();
    this.again.cancel();
  }
}

/** Versions of one name, newest first. */
export class VersionsState {
  readonly versions = loading<Artifact[]>();
  /** Where older ones begin. */
  readonly next = signal<string | null>(null);
  private closed = false;
  private readonly again = new Coalesced(() => this.look(), REST);
  private readonly unfollow = effect(() => {
    void [pulse.value, settled.value];
    this.again.ask();
  });
  private readonly alive = (): boolean => !this.closed;

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly name: string,
  ) {}

  /** Some older ones. */
  async fetch(): Promise<void> {
    await load(this.versions, () => this.page(this.next.peek() ?? undefined, true), this.alive);
  }

  /** The newest ones: there may be others by now. */
  async look(): Promise<void> {
    await load(this.versions, () => this.page(undefined, this.versions.peek().data === undefined), this.alive);
  }

  /** All that is known, with a page more. */
  private async page(cursor: string | undefined, oldest: boolean): Promise<Artifact[]> {
    const { items, next } = await getArtifactVersions(this.entity, this.project, this.name, PAGE, cursor);
    if (oldest) this.next.value = next;
    const byNumber = new Map([...(this.versions.peek().data ?? []), ...items].map((one) => [one.version, one]));
    return [...byNumber.values()].toSorted((a, b) => (b.version ?? 0) - (a.version ?? 0));
  }

  close(): void {
    this.closed = true;
    this.unfollow();
    this.again.cancel();
  }
}

/** One version. */
export class ArtifactState {
  readonly artifact = loading<Artifact>();
  readonly entries = loading<Entry[]>();
  readonly next = signal<string | null>(null);
  readonly lineage = loading<Lineage>();
  private closed = false;
  private readonly alive = (): boolean => !this.closed;

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly name: string,
    private readonly version: string,
  ) {}

  async fetch(): Promise<void> {
    await load(this.artifact, () => getArtifact(this.entity, this.project, this.name, this.version), this.alive);
  }

  /** The first files, or some more. */
  async fetchEntries(): Promise<void> {
    const known = this.next.peek() === null ? [] : (this.entries.peek().data ?? []);
    await load(this.entries, async () => {
      const page = await getEntries(this.entity, this.project, this.name, this.version, FILES, this.next.peek() ?? undefined);
      this.next.value = page.next;
      return [...known, ...page.items];
    }, this.alive);
  }

  async fetchLineage(): Promise<void> {
    await load(this.lineage, () => getLineage(this.entity, this.project, this.name, this.version, DEPTH), this.alive);
  }

  close(): void {
    this.closed = true;
  }
}
