/** The keys under which the open run logged media, as of where the playhead stands; and the steps that have some, for all keys together. */

import { computed, signal } from "@preact/signals";
import { getMediaKeys } from "../api/resources";
import type { MediaKey } from "../api/types";
import { Coalesced } from "../lib/coalesce";
import { messageOf } from "../lib/message";
import { MediaState } from "./media";
import { segment } from "./place";

/** Keys whose steps are looked at at once; the others when they are scrolled to. */
export class MediaKeysState {
  readonly keys = signal<MediaKey[] | null>(null);
  readonly error = signal<string | null>(null);
  private readonly states = new Map<string, MediaState>();
  /** Grows when a key's steps are looked at for the first time. */
  private readonly opened = signal(0);
  private closed = false;
  private readonly again = new Coalesced(() => this.fetch(), 1_500);

  /** Steps at which something was logged under a key that is on the page. */
  readonly steps = computed(() => {
    void this.opened.value;
    const all = new Set<number>();
    for (const state of this.states.values()) for (const { step } of state.steps.value) all.add(step);
    return [...all].toSorted((a, b) => a - b);
  });

  constructor(
    private readonly entity: string,
    private readonly project: string,
    private readonly id: string,
    private readonly of: string | null,
  ) {
    this.again.ask();
  }

  /** What was logged under a key. */
  state(key: string): MediaState {
    let state = this.states.get(key);
    if (!state) {
      state = new MediaState(this.entity, this.project, this.id, key, this.of);
      this.states.set(key, state);
      queueMicrotask(() => (this.opened.value += 1));
    }
    return state;
  }

  moved(): void {
    this.again.ask();
    for (const state of this.states.values()) state.moved();
  }

  close(): void {
    this.closed = true;
    this.again.cancel();
    for (const state of this.states.values()) state.close();
  }

  private async fetch(): Promise<void> {
    try {
      const keys = await getMediaKeys(this.entity, this.project, this.id, { segment: segment.peek() ?? undefined });
      if (this.closed) return;
      this.keys.value = keys;
      this.error.value = null;
    } catch (error) {
      if (!this.closed) this.error.value = messageOf(error);
    }
  }
}
