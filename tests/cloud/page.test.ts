// docs/deployment.md and the test that runs it have the same commands. This needs no emulator.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { brokenLinksOf } from '../support/pages.ts';
import { commandsOf, plan, projectDirectory, readBlocks } from './page.ts';

describe('the plan for docs/deployment.md', () => {
  const blocks = readBlocks();

  it('has an entry for each block of commands, in the order of the page', () => {
    const expected = Object.values(plan).map(({ has }) => has);
    const found = blocks.map((block, index) =>
      expected[index] && block.includes(expected[index]) ? expected[index] : block,
    );
    expect(found).toEqual(expected);
  });

  it('runs every block whole, or says why not', () => {
    for (const [step, entry] of Object.entries(plan)) {
      if (entry.run === 'not') expect(entry.because).toMatch(/\w+ \w+/);
      else expect(commandsOf(step)).not.toBe('');
    }
  });
});

describe('docs/emulated-aws.md', () => {
  const page = readFileSync(join(projectDirectory, 'docs/emulated-aws.md'), 'utf8');
  const extension = join(import.meta.dirname, 'ministack');

  it('names the version of MiniStack that is installed, and no other', () => {
    const [, version] = readFileSync(join(extension, 'requirements.txt'), 'utf8').match(/^ministack==(.*)$/m) ?? [];
    const named = [...page.matchAll(/(?:MiniStack|version|\)) (\d+\.\d+\.\d+)/g)].map(([, one]) => one);
    expect(named.length).toBeGreaterThan(3);
    expect([...new Set(named)]).toEqual([version]);
  });

  it('says of each module what it makes up for', () => {
    const modules = readdirSync(extension).filter((name) => name.endsWith('.py'));
    expect(modules.filter((name) => !page.includes(name))).toEqual([]);
  });

  it('has only links that lead somewhere', () => {
    expect(brokenLinksOf('docs/emulated-aws.md')).toEqual([]);
  });
});
