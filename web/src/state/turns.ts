/** Questions of charts take turns: few travel at once, those of charts that came on the screen last go first. */

const AT_ONCE = 4;
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

/** When no chart waits for an answer, or at most so many milliseconds from now. */
export async function rest(most: number): Promise<void> {
  if (!travelling) return;
  await new Promise<void>((resolve) => {
    resting.push(resolve);
    setTimeout(resolve, most);
  });
}
