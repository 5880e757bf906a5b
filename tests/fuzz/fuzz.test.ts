import { expect, it } from '@jest/globals';
import { type FuzzerName, fuzzers, runFuzzer } from './campaign.ts';

/** Another one each day; a failure names the seed of its round. */
const seed = Math.floor(Date.now() / 86_400_000) * 1_000_000;
const seconds = 4;

it.each(Object.keys(fuzzers) as FuzzerName[])(
  'files of %s become the rows that an independent reading expects',
  async (name) => {
    expect(await runFuzzer(name, seed, seconds, 4)).toBeGreaterThan(3);
  },
);
