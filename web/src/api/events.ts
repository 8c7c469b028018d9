/**
 * A project's live stream. It comes back by itself after a break, waiting longer each time. A page that nobody looks at lets go of it: a browser has
 * six connections to a server, for all of its tabs.
 */

import { backOff } from "../lib/coalesce";
import { apiPath } from "./http";
import type { RunsEvent } from "./types";

export interface Listener {
  onRuns(event: RunsEvent): void;
  /** The stream is open. `again`: it was before, so something may have been missed. */
  onOpen(again: boolean): void;
  onLost(): void;
}

/** Milliseconds that a page may be out of sight. */
const UNSEEN = 10_000;

/** Start listening; the answer stops it. */
export function listen(entity: string, project: string, listener: Listener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unseen: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let opened = false;

  const connect = (): void => {
    source = new EventSource(apiPath("projects", entity, project, "events"), { withCredentials: true });
    source.addEventListener("open", () => {
      attempt = 0;
      listener.onOpen(opened);
      opened = true;
    });
    source.addEventListener("runs", (event) => listener.onRuns(JSON.parse((event as MessageEvent<string>).data) as RunsEvent));
    source.addEventListener("error", () => {
      source?.close();
      listener.onLost();
      timer = setTimeout(connect, backOff(attempt, Math.random()));
      attempt += 1;
    });
  };
  const end = (): void => {
    clearTimeout(timer);
    source?.close();
  };
  const turn = (): void => {
    clearTimeout(unseen);
    if (document.visibilityState === "hidden") unseen = setTimeout(end, UNSEEN);
    else if (source?.readyState === EventSource.CLOSED) {
      clearTimeout(timer);
      attempt = 0;
      connect();
    }
  };
  connect();
  document.addEventListener("visibilitychange", turn);
  return () => {
    document.removeEventListener("visibilitychange", turn);
    clearTimeout(unseen);
    end();
  };
}
