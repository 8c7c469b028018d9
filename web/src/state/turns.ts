/** Questions of charts take turns: few travel at once, those of charts that came on the screen last go first. */

const AT_ONCE = 4;
/** Milliseconds that others wait for charts at most. */
const LATEST = 1_000;
let travelling = 0;
const waiting: (() => void)[] = [];
const resting: (() => void)[] = [];

export async function turn(): Promise<void> {
  if (travelling >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  travelling += 1;
}

export function done(): void {
  travelling -= 1;
  waiting.pop()?.();
  // A chart that was answered may have others behind it.
  setTimeout(() => {
    if (!travelling) for (const resume of resting.splice(0)) resume();
  });
}

/** When the charts on the screen have their answers; `ready`: what they are made of is known. Nobody waits for ever. */
export async function chartsFirst(ready: Promise<void>): Promise<void> {
  await Promise.race([ready, pause()]);
  // Charts are laid out in one frame and ask in the next.
  for (let frame = 0; frame < 3; frame++) await Promise.race([new Promise(requestAnimationFrame), pause()]);
  if (travelling) await Promise.race([new Promise<void>((resolve) => resting.push(resolve)), pause()]);
}

const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, LATEST));
