// A use while a role lacks something. A refusal is seen in the log, so nobody waits for the long time-out of a use that stopped.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * After the refusal, what stopped must stay stopped for so long. A whole ingest takes 2 s when its sandboxes are warm, and the one
 * that was refused is warm.
 */
const usualStillMs = 5000;

export type Ending = 'it went well' | 'it stopped';

/** @param isRefused whether the emulator has refused what is missing */
export async function attempt(
  run: () => Promise<unknown>,
  isRefused: () => Promise<boolean>,
  stillMs = usualStillMs,
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
