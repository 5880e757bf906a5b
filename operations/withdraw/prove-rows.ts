// Checks that both Regions show the expected rows of a source. The secondary shows them a moment later.
import { setTimeout as sleep } from 'node:timers/promises';

export interface RegionRows {
  region: string;
  rows: number;
}

const pauseMs = 1_000;

/** Counts, at least once, until each Region has `expected` rows or the time is over. */
export async function waitForRows(
  expected: number,
  waitMs: number,
  regions: readonly { region: string; countRows: () => Promise<number> }[],
): Promise<{ isProven: boolean; counts: RegionRows[] }> {
  const giveUpAt = Date.now() + waitMs;
  for (;;) {
    const counts = await Promise.all(
      regions.map(async ({ region, countRows }) => ({ region, rows: await countRows() })),
    );
    const isProven = counts.every(({ rows }) => rows === expected);
    if (isProven || Date.now() >= giveUpAt) return { isProven, counts };
    await sleep(Math.min(pauseMs, Math.max(0, giveUpAt - Date.now())));
  }
}
