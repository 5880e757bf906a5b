import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats a check until it holds. @throws {Error} naming the check if it does not hold in time */
export async function until(
  what: string,
  isTrue: () => Promise<boolean> | boolean,
  { withinMs = 45_000, pauseMs = 20 }: { withinMs?: number; pauseMs?: number } = {},
): Promise<void> {
  for (const since = performance.now(); !(await isTrue()); await sleep(pauseMs)) {
    if (performance.now() - since > withinMs) throw new Error(`not true after ${withinMs / 1000} s: ${what}`);
  }
}
