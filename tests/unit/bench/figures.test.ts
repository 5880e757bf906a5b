import { describe, expect, it } from '@jest/globals';
import { type BenchResult, figureOf, type ScenarioResult } from '../../../bench/figures.ts';
import { parseBenchOptions } from '../../../bench/options.ts';
import { comparePairs, comparisonLine } from '../../../bench/pairs.ts';
import { plotOf } from '../../../bench/plot.ts';
import { holds, ratiosOf } from '../../../bench/ratios.ts';
import { tableOf } from '../../../bench/table.ts';

const scenario = (median: number, details: Record<string, number> = {}): ScenarioResult => ({
  unit: 'rows/s',
  figure: figureOf([median]),
  details,
});

const resultOf = (scenarios: Record<string, ScenarioResult>): BenchResult => ({
  takenAt: '2026-11-21T15:00:00.000Z',
  machine: { cpu: 'some', cores: 2, node: '24', mysql: '9.7', loadAverageBefore: 0.1 },
  rows: 300_000,
  bytesPerLine: 498,
  repeats: 3,
  sandboxes: 2,
  scenarios,
  ratios: ratiosOf(scenarios),
});

describe('a figure', () => {
  it('is the median of its turns, with the slowest and the quickest', () => {
    expect(figureOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30, turns: [30, 10, 20] });
  });
});

describe('the ratios', () => {
  it('are those of which both scenarios were run', () => {
    const ratios = ratiosOf({
      pipelineDirect: scenario(90),
      loadDataOneConnection: scenario(100),
      replay: scenario(99),
    });
    expect(ratios.map(({ name, value }) => [name, value])).toEqual([
      ['pipelineDirect / loadDataOneConnection', 0.9],
      ['replay / pipelineDirect', 1.1],
    ]);
    expect(ratios.map(holds)).toEqual([true, false]);
  });

  it('hold at their bound, and without one', () => {
    expect(holds({ name: '', value: 20, most: 20 })).toBe(true);
    expect(holds({ name: '', value: 20.1, most: 20 })).toBe(false);
    expect(holds({ name: '', value: 20.1 })).toBe(true);
  });

  it('say in the table which one is missed', () => {
    const table = tableOf(resultOf({ twoRegions: scenario(20_000, { seconds: 30 }) }));
    expect(table).toMatch(/twoRegions, seconds for all rows +30\.0 s +at most 20 +MISSED/);
  });
});

describe('the plot', () => {
  it('has a point for each round trip', () => {
    const scenarios = { pipelineForwarded0: scenario(60_000), pipelineForwarded12: scenario(59_000) };
    expect(plotOf(resultOf(scenarios))).toBeNull();
    const plot = plotOf(resultOf({ ...scenarios, pipelineForwarded80: scenario(55_000) }));
    expect(plot?.match(/<circle/g)).toHaveLength(3);
    expect(plot).toContain('>55,000<');
  });
});

describe('the command line of the benchmark', () => {
  it('measures everything with 300,000 rows in three turns unless told otherwise', () => {
    expect(parseBenchOptions([])).toEqual({
      jsonFile: undefined,
      rows: 300_000,
      repeats: 3,
      only: [],
      sandboxes: 2,
      tinyFiles: 5000,
      burstFiles: 20_000,
    });
    expect(parseBenchOptions(['--only', 'replay,twoRegions'])?.only).toEqual(['replay', 'twoRegions']);
    expect(parseBenchOptions(['--help'])).toBeNull();
  });

  it('refuses what is no number, and what it does not know', () => {
    expect(() => parseBenchOptions(['--rows', 'many'])).toThrow('--rows takes a whole number from 1000 on');
    expect(() => parseBenchOptions(['--fast'])).toThrow('--fast');
  });
});

describe('a comparison of two versions', () => {
  it('is a ratio of pairs, so a machine that is ten times slower for a while does not count', () => {
    const pairs = [
      { before: 100, now: 110 },
      { before: 1000, now: 1100 },
      { before: 100, now: 110 },
    ];
    const { ratio, least, most, before, now } = comparePairs(pairs);
    expect([ratio, least, most].map((value) => value.toFixed(6))).toEqual(['1.100000', '1.100000', '1.100000']);
    expect({ before, now }).toEqual({ before: 100, now: 110 });
  });

  it('has bounds, which come closer with more pairs', () => {
    const noisy = [
      { before: 100, now: 120 },
      { before: 120, now: 100 },
    ];
    // ln 1.2 = 0.1823; its standard error with two pairs is the same, and 1.96 of it are 0.3574.
    const two = comparePairs(noisy);
    expect([two.ratio, two.least, two.most].map((value) => value.toFixed(3))).toEqual(['1.000', '0.700', '1.430']);
    const twenty = comparePairs(Array.from({ length: 10 }, () => noisy).flat());
    expect(twenty.most).toBeLessThan(1.1);
    expect(comparisonLine('direct', two)).toContain('now/before 1.000 (0.700 to 1.430, 2 pairs)');
  });
});
