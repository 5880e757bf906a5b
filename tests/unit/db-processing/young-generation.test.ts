import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const moduleFile = fileURLToPath(new URL('../../../functions/db-processing/young-generation.ts', import.meta.url));
/** Fills a list, so that much survives and V8 wants more room for the young; prints what it gave it, in MiB. */
const program = `
  const kept = [];
  for (let index = 0; index < 2_000_000; index += 1) kept.push({ index });
  const young = require('node:v8').getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  console.log(young.space_size / 2 ** 20);`;

async function youngMib(...flags: string[]): Promise<number> {
  const lambda = ['--max-semi-space-size=88', '--max-old-space-size=1592'];
  const { stdout } = await promisify(execFile)(process.execPath, [...lambda, ...flags, '--eval', program]);
  return Number(stdout);
}

describe('the young generation', () => {
  it('stays small under the flags of a function of 1,769 MB, where it would grow', async () => {
    const [grown, kept] = await Promise.all([youngMib(), youngMib('--import', moduleFile)]);
    expect(grown).toBeGreaterThan(30);
    expect(kept).toBeLessThan(8);
  });
});
