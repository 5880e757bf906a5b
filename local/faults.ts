// `npm run faults -- --seed N --rounds N`: both Regions, round after round of uploads under faults, each judged when it is
// healed. A seed fixes the files, the faults and their times; what meets what is up to the machine, so a failing round is
// repeated with its seed until it shows again.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFlags, wholeNumber } from '../operations/command-line.ts';
import { runCommand, say } from './demo/command.ts';
import type { Scope } from './demo/interruption.ts';
import { startFaultyRegions } from './faults/faulty-regions.ts';
import type { Remembered } from './faults/judge-round.ts';
import { type RoundEnd, runRound } from './faults/round.ts';
import { stateDirectory } from './state-directory.ts';

interface FaultsOptions {
  seed: string;
  rounds: number;
  /** The first round's number. */
  from: number;
  reviews: number;
  jsonFile: string | undefined;
}

const usage = `Breaks what can break while both Regions ingest, heals it, and proves that nothing was lost or doubled.

npm run faults -- [options]
  --seed N      fixes files and faults (default 1)
  --rounds N    how many rounds (default 20)
  --from N      number of the first round, to repeat a failing one (default 1)
  --reviews N   records a Region and round, about (default 300)
  --json FILE   writes what was found
  --help`;

function parse(args: string[]): FaultsOptions | null {
  const values = parseFlags(args, {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    reviews: { type: 'string', default: '300' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (values.help) return null;
  return {
    seed: values.seed,
    rounds: wholeNumber('--rounds', values.rounds, 1),
    from: wholeNumber('--from', values.from, 1),
    reviews: wholeNumber('--reviews', values.reviews, 1),
    jsonFile: values.json,
  };
}

async function campaign({ seed, rounds, from, reviews, jsonFile }: FaultsOptions, scope: Scope): Promise<number> {
  const begun = performance.now();
  const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);
  const regions = await startFaultyRegions(
    { rttMs: 12, lagMs: 5, stateDirectory: join(stateDirectory, 'faults') },
    { scope, say },
  );
  const started = performance.now();
  const remembered: Remembered = { rows: 0, unnamed: 0 };
  const ends: (RoundEnd & { round: number })[] = [];
  const failed: number[] = [];
  for (let round = from; round < from + rounds; round += 1) {
    const end = await scope.unlessInterrupted(runRound(regions, { seed, round, reviews, remembered }));
    ends.push({ round, ...end });
    const { drawn, files, rows, faults, wallMs } = end;
    say(
      `round ${round} ${faults.length === 0 ? 'ok' : 'FAILED'}  ${(wallMs / 1000).toFixed(1)} s  ${files} files, ${rows} rows  ${drawn.join(' ')}`,
    );
    for (const fault of faults) say(`  ${fault}`);
    if (faults.length > 0) {
      failed.push(round);
      say(`  again: npm run faults -- --seed ${seed} --from ${round} --rounds 1 --reviews ${reviews}`);
    }
  }
  const struck = Object.fromEntries([...regions.struck].sort(([a], [b]) => (a < b ? -1 : 1)));
  const total = Object.values(struck).reduce((sum, count) => sum + count, 0);
  say(`\nFaults that struck, ${total} in all:`);
  for (const [kind, count] of Object.entries(struck)) say(`  ${String(count).padStart(6)}  ${kind}`);
  const wallMs = Math.round(performance.now() - begun);
  say(
    `\n${rounds - failed.length} of ${rounds} rounds hold with seed ${seed}; ${remembered.rows} rows; ${seconds(started)} s, ${(
      (performance.now() - started) / 1000 / rounds
    ).toFixed(1)} s a round; ${(wallMs / 1000).toFixed(1)} s with start and build`,
  );
  if (failed.length > 0) say(`Failed: round ${failed.join(', ')}`);
  if (jsonFile) {
    const result = { ok: failed.length === 0, seed, rounds, failed, wallMs, struck, ends };
    await writeFile(jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  }
  return failed.length === 0 ? 0 : 1;
}

await runCommand('faults', usage, parse, campaign);
