import { describe, expect, it } from '@jest/globals';
import { proveSummary, type SummaryFile } from '../../../local/demo/daily-summary.ts';

const contents = { rows: 5, checksum: '0', rowsByRegionIndicator: { 'us-east-1': 3, 'us-east-2': 2 } };
const makeSummaryFile = (overrides: Partial<SummaryFile> = {}): SummaryFile => ({
  date: '2026-11-20',
  totals: { reviews: 4, rated: 3, histogram: [{ reviews: 1 }, { reviews: 2 }] },
  regions: [
    { region: 'us-east-1', reviews: 3 },
    { region: 'us-east-2', reviews: 1 },
  ],
  // Midnight passed while the demo ran.
  days: [
    { date: '2026-11-19', reviews: 1, byRegion: { 'us-east-2': 1 } },
    { date: '2026-11-20', reviews: 4, byRegion: { 'us-east-1': 3, 'us-east-2': 1 } },
  ],
  ...overrides,
});

describe('the proof about the daily summary', () => {
  it('holds where the summary has the rows of each Region, of whichever day', () => {
    expect(proveSummary(makeSummaryFile(), contents)).toMatchObject({ ok: true, detail: 'us-east-2 2, us-east-1 3' });
  });

  it.each<[string, Partial<SummaryFile>]>([
    [
      'a Region has other rows',
      { days: [{ date: '2026-11-20', reviews: 4, byRegion: { 'us-east-1': 3, 'us-east-2': 1 } }] },
    ],
    ['its Regions do not add up', { regions: [{ region: 'us-east-1', reviews: 3 }] }],
    ['its day does not add up', { totals: { reviews: 5, rated: 3, histogram: [{ reviews: 3 }] } }],
    ['its histogram lacks ratings', { totals: { reviews: 4, rated: 3, histogram: [{ reviews: 2 }] } }],
  ])('does not hold where %s', (_, overrides) => {
    expect(proveSummary(makeSummaryFile(overrides), contents)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/./),
    });
  });

  it('names a Region that only one of the two knows', () => {
    const more = { ...contents, rowsByRegionIndicator: { ...contents.rowsByRegionIndicator, 'eu-west-1': 7 } };
    expect(proveSummary(makeSummaryFile(), more).detail).toBe('eu-west-1: 0 in the summary, 7 in the database');
  });
});
