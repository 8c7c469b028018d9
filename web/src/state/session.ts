/** Who is looking, and at which server. */

import { batch, signal } from "@preact/signals";
import { ApiError, sessionBegan, setUnauthorizedHandler } from "../api/http";
import { getServer, getViewer, logIn, logOut } from "../api/resources";
import type { Server, Viewer } from "../api/types";
import { messageOf } from "../lib/message";
import { query, replaceQuery } from "./location";

/** undefined: not known yet; null: nobody. */
export const viewer = signal<Viewer | null | undefined>(undefined);
export const server = signal<Server | null>(null);
/** The server did not answer when the page asked who is looking. */
export const unreachable = signal<string | null>(null);

/** One came by a printed link that had expired. */
export const linkExpired = signal(false);

setUnauthorizedHandler(() => {
  viewer.value = null;
});

export async function start(): Promise<void> {
  unreachable.value = null;
  const asked = new URLSearchParams(query.peek());
  if (asked.get("link") === "expired") {
    asked.delete("link");
    linkExpired.value = true;
    replaceQuery(asked.size ? `?${asked}` : "");
  }
  getServer().then((found) => (server.value = found), () => {});
  try {
    viewer.value = await getViewer();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return;
    unreachable.value = messageOf(error);
  }
}

/** Logs in, or throws what the server said. */
export async function enter(key: string): Promise<void> {
  await logIn(key);
  sessionBegan();
  viewer.value = await getViewer();
}

export async function leave(): Promise<void> {
  await logOut();
  batch(() => {
    viewer.value = null;
  });
}
