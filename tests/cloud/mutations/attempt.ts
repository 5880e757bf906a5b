// A use while a role lacks something. A refusal is seen in the log, so nobody waits for the long time-out of a use that stopped.
import { setTimeout as sleep } from 'node:timers/promises';

export type Ending = 'it went well' | 'it stopped';

/**
 * @param isRefused whether the emulator has refused what is missing
 * @param stillMs how long it must stand still after that. The sandbox that was refused is warm then.
 */
export async function attempt(
  run: () => Promise<unknown>,
  isRefused: () => Promise<boolean>,
  stillMs: number,
): Promise<Ending> {
  let ending: Ending | undefined;
  const running = run().then(
    () => {
      ending = 'it went well';
    },
    () => {
      ending = 'it stopped';
    },
  );
  for (let refusedAt = Number.POSITIVE_INFINITY; ending === undefined; await Promise.race([running, sleep(200)])) {
    if (performance.now() - refusedAt > stillMs) return 'it stopped';
    if (refusedAt === Number.POSITIVE_INFINITY && (await isRefused())) refusedAt = performance.now();
  }
  return ending;
}
