/** A project's live stream. It comes back by itself after a break, waiting longer each time. */

import { backOff } from "../lib/coalesce";
import { apiPath } from "./http";
import type { RunsEvent } from "./types";

export interface Listener {
  onRuns(event: RunsEvent): void;
  /** The stream is open. `again`: it was before, so something may have been missed. */
  onOpen(again: boolean): void;
  onLost(): void;
}

/** Start listening; the answer stops it. */
export function listen(entity: string, project: string, listener: Listener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let opened = false;
  let stopped = false;

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
      if (stopped) return;
      listener.onLost();
      timer = setTimeout(connect, backOff(attempt, Math.random()));
      attempt += 1;
    });
  };
  const wake = (): void => {
    if (document.visibilityState !== "visible" || source?.readyState !== EventSource.CLOSED || stopped) return;
    clearTimeout(timer);
    attempt = 0;
    connect();
  };
  connect();
  document.addEventListener("visibilitychange", wake);
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", wake);
    source?.close();
  };
}
