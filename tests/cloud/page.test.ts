// docs/deployment.md and the test that runs it have the same commands. This needs no emulator.
import { describe, expect, it } from '@jest/globals';
import { commandsOf, plan, readBlocks } from './page.ts';

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
