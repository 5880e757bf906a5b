// Rounds of a fuzzer until its time is over. Each round has a seed, which repeats it alone.
import { fuzzLines } from './fuzz-lines.ts';
import { fuzzLongLines } from './fuzz-long-lines.ts';
import { fuzzWholeFiles } from './fuzz-whole-files.ts';
import { createRandom } from './random.ts';

export const fuzzers = { lines: fuzzLines, 'long-lines': fuzzLongLines, 'whole-files': fuzzWholeFiles };
export type FuzzerName = keyof typeof fuzzers;

/** Runs `least` rounds, and more until the time is over. The first has `seed`, and the next ones count on. @returns how many. @throws {Error} with the seed of a round that failed */
export async function runFuzzer(name: FuzzerName, seed: number, seconds: number, least = 1): Promise<number> {
  const endAt = performance.now() + seconds * 1000;
  let rounds = 0;
  do {
    try {
      await fuzzers[name](createRandom(seed + rounds));
    } catch (error) {
      const again = `npm run fuzz -- --only ${name} --seconds 0 --seed ${seed + rounds}`;
      const message = `${name}, again with ${again}, or after the rounds from seed ${seed} on`;
      throw new Error(`${message}: ${(error as Error).message}`, { cause: error });
    }
    rounds += 1;
  } while (rounds < least || performance.now() < endAt);
  return rounds;
}
