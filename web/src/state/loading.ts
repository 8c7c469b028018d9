/** A thing that is fetched: it is there, on its way, or there is a reason why not. */

import { type Signal, signal } from "@preact/signals";
import { ApiError } from "../api/http";
import { messageOf } from "../lib/message";

export interface Loaded<T> {
  data: T | undefined;
  error: ApiError | undefined;
}

export function loading<T>(): Signal<Loaded<T>> {
  return signal<Loaded<T>>({ data: undefined, error: undefined });
}

/** The server says that there is no such thing, or that one may not see it. */
export function isAbsent(error: ApiError | undefined): boolean {
  return error?.status === 404 || error?.status === 403;
}

/**
 * Fetch into `target`. What was there stays until the answer comes, and also when a later fetch fails, unless the server says
 * that it is gone.
 */
export async function load<T>(target: Signal<Loaded<T>>, fetch: () => Promise<T>, alive: () => boolean = () => true): Promise<void> {
  try {
    const data = await fetch();
    if (alive()) target.value = { data, error: undefined };
  } catch (cause) {
    if (!alive()) return;
    const error = cause instanceof ApiError ? cause : new ApiError(messageOf(cause), 0, "internal");
    const keep = isAbsent(error) ? undefined : target.value.data;
    target.value = { data: keep, error };
  }
}
