import { setTimeout as sleep } from 'node:timers/promises';

/** @throws {Error} where it does not come true in time */
export async function until(what: string, isTrue: () => Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(200);
  }
}
