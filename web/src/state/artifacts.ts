/** A project's artifacts: what there is, the one that is open with its versions, what is in it, where it comes from. */

import { signal } from "@preact/signals";
import { getArtifact, getArtifactVersions, getCollections, getEntries, getLineage } from "../api/resources";
import type { Artifact, Collection, Entry, Lineage } from "../api/types";
import { load, loading } from "./loading";

const PAGE = 200;
const FILES = 1_000;
const DEPTH = 4;
/** Collections that the page lists. */
export const MAX_COLLECTIONS = 10_000;

export class ArtifactsState {
  readonly collections = loading<Collection[]>();
  private closed = false;

  constructor(
    private readonly entity: string,
    private readonly project: string,
  ) {}

  async fetch(): Promise<void> {
    await load(this.collections, async () => {
      const found: Collection[] = [];
      let cursor: string | undefined;
      do {
        const page = await getCollections(this.entity, this.project, cursor);
        found.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor !== undefined && found.length < MAX_COLLECTIONS);
      return found;
    }, () => !this.closed);
  }

  close(): void {
    this.closed = true;
  }
}

/** Versions of one name, newest first. */
export class VersionsState {
  readonly versions = loading<Artifact[]>();
  readonly next = signal<string | null>(null);
  private closed = false;

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly name: string,
  ) {}

  async fetch(): Promise<void> {
    const known = this.next.peek() === null ? [] : (this.versions.peek().data ?? []);
    await load(this.versions, async () => {
      const page = await getArtifactVersions(this.entity, this.project, this.name, PAGE, this.next.peek() ?? undefined);
      this.next.value = page.next;
      return [...known, ...page.items];
    }, () => !this.closed);
  }

  close(): void {
    this.closed = true;
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
