/** What the state of a run means. */

export function isAtWork({ state }: { state: string }): boolean {
  return state === "running" || state === "preempting";
}
