/**
 * Runs a task after it was asked for, however often, at most one at a time and not sooner than `rest` after it last ended.
 * The rest grows with what the task costs, so a slow machine is not asked faster than it answers.
 */
export class Coalesced {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private wanted = false;
  private readyAt = 0;

  constructor(
    private readonly task: () => Promise<void>,
    private readonly rest: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  ask(): void {
    this.wanted = true;
    if (this.running || this.timer !== undefined) return;
    this.timer = setTimeout(() => void this.run(), Math.max(0, this.readyAt - this.now()));
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wanted = false;
  }

  private async run(): Promise<void> {
    this.timer = undefined;
    this.wanted = false;
    this.running = true;
    const began = this.now();
    try {
      await this.task();
    } finally {
      this.running = false;
      this.readyAt = this.now() + Math.max(this.rest, 2 * (this.now() - began));
      if (this.wanted) this.ask();
    }
  }
}

/** Milliseconds to wait before attempt `attempt` (0, 1, …): doubling up to 15 s, spread by `random` (0 to 1). */
export function backOff(attempt: number, random: number): number {
  return Math.min(15_000, 500 * 2 ** attempt) * (0.5 + random / 2);
}
