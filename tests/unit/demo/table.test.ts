import { describe, expect, it } from '@jest/globals';
import type { RegionFigures } from '../../../local/demo/result.ts';
import { figuresTable, proofLines } from '../../../local/demo/table.ts';

const figures = (overrides: Partial<RegionFigures> = {}): RegionFigures => ({
  role: 'primary',
  sources: 8,
  lines: 20_061,
  inserted: 19_888,
  alreadyPresent: 0,
  rejected: 112,
  blank: 61,
  durationMs: 2_500,
  rowsPerSecond: 7_955.2,
  outcomes: { completed: 8, failed: 0, pending: 0 },
  ...overrides,
});

describe('the table of figures', () => {
  const table = figuresTable(
    { 'us-east-1': figures(), 'us-east-2': figures({ role: 'secondary' }) },
    { p50: 3.14, p99: 25.4, max: 1_040 },
  );

  it('has a column a Region and fits a terminal of 80 columns', () => {
    expect(table).toContain('us-east-1');
    expect(table).toContain('us-east-2');
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('separates thousands, and shows the lag for the secondary only', () => {
    expect(table).toMatch(/rows\/s.*7,955.*7,955/);
    expect(table).toMatch(/replication lag.* - .*3\.1 \/ 25 \/ 1,040 ms/);
  });
});

describe('the list of proofs', () => {
  it('says ok or NOT OK in front of each, and the detail below', () => {
    const text = proofLines([
      { name: 'every line is accounted for', ok: true, detail: '16 files' },
      { name: 'both Regions hold the same rows', ok: false, detail: 'us-east-1: 3\nus-east-2: 2' },
    ]);
    expect(text).toMatch(/ok.*every line is accounted for\n {8}.*16 files/);
    expect(text).toMatch(/NOT OK.*both Regions hold the same rows\n {8}.*us-east-1: 3\n {8}us-east-2: 2/);
  });
});
