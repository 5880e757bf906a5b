// Waits until a Region is at rest, in bounded time. If something never ends, it fails and says so.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultyRegion } from './faulty-regions.ts';

/** Retries wait two hundredths of their time in AWS, so anything that heals is over long before this. */
export const restMs = 45_000;

/** Every event so far has had its execution, and every execution its end. @throws {Error} saying what the Region is still at */
export async function comeToRest({ name, region, events, failures }: FaultyRegion, withinMs = restMs): Promise<void> {
  const deadline = new AbortController();
  const rest = async () => {
    for (;;) {
      const before = { underway: events.underway, executions: region.executions.length };
      await region.idle();
      // One more listing finds objects that were uploaded meanwhile.
      if (deadline.signal.aborted) return;
      if (before.underway + events.underway === 0 && before.executions === region.executions.length) return;
      await sleep(20);
    }
  };
  const ended = await Promise.race([
    rest().then(() => true),
    sleep(withinMs, false, { signal: deadline.signal }).catch(() => true),
  ]);
  deadline.abort();
  if (ended) return;
  const running = region.executions.filter(({ status }) => status === 'RUNNING').length;
  const last = failures
    .slice(-3)
    .map(({ where, name: error, message }) => `${where}: ${error} ${message.slice(0, 300)}`);
  throw new Error(
    [`${name} is not at rest after ${withinMs / 1000} s: ${running} executions run. What failed last:`, ...last].join(
      '\n  ',
    ),
  );
}
