// docs/threat-model.md names a test for each threat, or says that the risk is accepted.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const path = join(import.meta.dirname, '../../docs/threat-model.md');
const page = readFileSync(path, 'utf8');
const threats = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (asset|---) /.test(line))
  .map((line) => line.slice(1, -1).split(' | '));

describe('the threat model', () => {
  it('says of each threat who, how, what is done and where that is tested, or that it is accepted', () => {
    expect(threats.length).toBeGreaterThan(25);
    for (const threat of threats) {
      expect(threat).toHaveLength(5);
      const [, , , protection = '', test = ''] = threat;
      expect(test).toMatch(/\]\(\.\.\/|^ ?accepted ?$/);
      if (!test.includes('](')) expect(protection.length).toBeGreaterThan(40);
    }
  });

  it('names files that there are', () => {
    const links = [...page.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, link]) => link as string);
    expect(links.filter((link) => !existsSync(join(dirname(path), link)))).toEqual([]);
  });
});
