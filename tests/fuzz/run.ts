// The fuzzers for as long as is asked for: npm run fuzz -- [--seconds N] [--seed S] [--only lines|long-lines|whole-files]
import { parseFlags } from '../../operations/command-line.ts';
import { type FuzzerName, fuzzers, runFuzzer } from './campaign.ts';

const values = parseFlags(process.argv.slice(2), {
  seconds: { type: 'string', default: '60' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  only: { type: 'string' },
});
const seed = Number(values.seed);
const seconds = Number(values.seconds);
const names = Object.keys(fuzzers).filter((name) => values.only === undefined || name === values.only);
if (names.length === 0 || !Number.isSafeInteger(seed) || !(seconds >= 0)) {
  console.error('Usage: npm run fuzz -- [--seconds N] [--seed S] [--only lines|long-lines|whole-files]');
  process.exit(2);
}
console.log(`seed ${seed}, ${seconds} s for each of ${names.join(', ')}`);
for (const name of names as FuzzerName[]) {
  try {
    console.log(`${name}: ${await runFuzzer(name, seed, seconds)} rounds, no difference`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
