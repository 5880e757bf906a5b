// README.md is the first thing that people read: it has to be short, and what it names has to be there. Its details are on other pages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as keys from '../../functions/shared/keys.ts';
import { brokenLinksOf, commandsIn } from '../support/pages.ts';
import { projectDirectory } from '../support/template.ts';

const read = (path: string) => readFileSync(join(projectDirectory, path), 'utf8');
const page = read('README.md');

describe('the README', () => {
  it('has at most 120 lines and 900 words', () => {
    expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
    expect(page.trim().split(/\s+/).length).toBeLessThanOrEqual(900);
  });

  it('shows the daily summary between the promises and the commands, as a small picture', () => {
    const [, before = '', source = ''] = /^([\s\S]*?)<img src="([^"]+)"/.exec(page) ?? [];
    expect(before.match(/^- \*\*/gm)).toHaveLength(3);
    expect(before).not.toContain('```');
    const picture = readFileSync(join(projectDirectory, source));
    expect(picture.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect(picture.length).toBeLessThan(150_000);
    expect(read('docs/commands.md')).toContain(`--screenshot=${source} local/.state/daily-summary.html`);
  });

  it('names commands that package.json has', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
    expect(commandsIn(page).length).toBeGreaterThan(5);
    expect(commandsIn(page).filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it('leaves the figures of the benchmark to docs/performance.md, which has one place for them', () => {
    expect(page).not.toContain('bench:begin');
    expect(read('docs/performance.md').match(/<!-- bench:begin/g)).toHaveLength(1);
    expect(read('docs/performance.md').match(/<!-- bench:end/g)).toHaveLength(1);
  });
});

it('the runbook has a row for each prefix of the bucket', () => {
  const rows = [...read('docs/operations.md').matchAll(/^\| `([a-z]+\/)` \|/gm)].map(
    ([, name = '']) => keys.rootPrefix + name,
  );
  const prefixes = Object.entries(keys)
    .filter(([name, value]) => name.endsWith('Prefix') && name !== 'rootPrefix' && typeof value === 'string')
    .map(([, value]) => value as string);
  expect(rows.sort()).toEqual(prefixes.sort());
});

it.each([
  'README.md',
  'CHANGELOG.md',
  'docs/reliability.md',
  'docs/limits.md',
  'docs/decisions/README.md',
  'docs/operations.md',
  'docs/commands.md',
])('%s has only links that lead somewhere', (path) => {
  expect(brokenLinksOf(path)).toEqual([]);
});
