import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'book-reviews-make-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const command = resolve(import.meta.dirname, '../../../local/make-reviews.ts');
const run = (...options: string[]) => promisify(execFile)(process.execPath, [command, ...options]);

describe('make-reviews', () => {
  it('makes different files for both Regions, and the same ones for the same options', async () => {
    const [one, again] = [join(directory, 'one'), join(directory, 'again')];
    for (const out of [one, again]) await run('--reviews', '50', '--files', '3', '--out', out);
    const names = (await readdir(one, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(one.length));
    expect(names).toHaveLength(6);
    for (const name of names) {
      expect((await readFile(join(again, name))).equals(await readFile(join(one, name)))).toBe(true);
    }
    const lines = ['us-east-1', 'us-east-2'].map((region) => readFile(join(one, region, 'reviews-1.json'), 'utf8'));
    const [first, second] = await Promise.all(lines);
    expect(first).not.toBe(second);
  });

  it.each([
    [['--reviews', '0'], '--reviews takes a whole number'],
    [['--region', '../elsewhere'], '--region takes the name of a Region'],
    [['--unknown'], "Unknown option '--unknown'"],
  ])('refuses %j and says where the options are explained', async (options, reason) => {
    const failure: { code: number; stderr: string } = await run(...options, '--out', directory).then(
      () => ({ code: 0, stderr: '' }),
      (error) => error,
    );
    expect(failure.code).toBe(2);
    expect(failure.stderr).toContain(reason);
    expect(failure.stderr).toContain('npm run make-reviews -- --help');
  });
});
