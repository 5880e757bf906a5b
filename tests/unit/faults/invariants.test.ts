// The judgement of the fault campaign bites: whatever is wrong with reports, prefixes or rows is told.
import { describe, expect, it } from '@jest/globals';
import { type BucketEvidence, expectationOf, judge, type Row } from '../../../local/faults/invariants.ts';
import { etagOf } from '../../../local/faults/workload.ts';

const key = 'book-review/reviews/1/a.json';
const body = Buffer.from('{"reviewerID":"A1","asin":"B1","overall":5.0}\n\nbad\n{"reviewerID":"A2","asin":"B2"}\n');
const version = { key, body, etag: etagOf(body), mustComplete: true };
const expectations = [await expectationOf(version)];

const evidence = (): BucketEvidence => ({
  pending: [],
  completed: ['1/a.json'],
  reports: [
    {
      outcome: 'completed',
      reason: null,
      source: { key, sourceId: 'ab', etag: version.etag },
      totals: {
        lines: 4,
        inserted: 2,
        alreadyPresent: 0,
        rejected: 1,
        blank: 1,
        rejectedByReason: { 'malformed-json': 1 },
      },
      rejectedPrefix: '',
      movedTo: 'book-review/completed/1/a.json',
    },
  ],
});
const rows = (): Row[] =>
  (expectations[0]?.rows ?? []).map((row) => ({ ...row, source_id: 'ab', region_indicator: 'us-east-1' }));
const judged = (change: (evidence: BucketEvidence, rows: Row[]) => void) => {
  const [kept, found] = [evidence(), rows()];
  change(kept, found);
  return judge('us-east-1', expectations, kept, found);
};

describe('the judgement of a round', () => {
  it('has nothing to say where all is well', () => {
    expect(judged(() => {})).toEqual([]);
  });

  const wrong: [string, (evidence: BucketEvidence, rows: Row[]) => void, RegExp][] = [
    ['a row is missing', (_, found) => found.pop(), /1 rows of 2/],
    ['a row is there twice', (_, found) => found.push({ ...(found[0] as Row) }), /3 rows of 2/],
    ['a row has another place', (_, found) => Object.assign(found[1] as Row, { source_offset: 7 }), /row at 7/],
    ['a value differs', (_, found) => Object.assign(found[0] as Row, { overall_rating: 4 }), /row at 0/],
    [
      'a row is of the other Region',
      (_, found) => Object.assign(found[0] as Row, { region_indicator: 'x' }),
      /a row of x/,
    ],
    ['a file is still pending', ({ pending }) => pending.push('1/a.json'), /still pending/],
    ['a file has no report', ({ reports }) => reports.pop(), /a\.json: undefined/],
    ['a file failed', ({ reports }) => Object.assign(reports[0] ?? {}, { outcome: 'failed' }), /a\.json: failed/],
    ['a file is not where it was moved', ({ completed }) => completed.pop(), /not at book-review\/completed/],
    [
      'a file was filed twice',
      ({ completed }) => completed.push('1/a.json.ab'),
      /a\.json\.ab is completed, and no report/,
    ],
    [
      'lines are not accounted for',
      ({ reports }) => Object.assign(reports[0]?.totals ?? {}, { lines: 5 }),
      /5 lines, 4/,
    ],
    [
      'a rejection was not counted',
      ({ reports }) => Object.assign(reports[0]?.totals ?? {}, { lines: 3, rejected: 0 }),
      /counts 3,1,0,2/,
    ],
    [
      'a file was processed that no one uploaded',
      ({ reports }) =>
        reports.push({ ...(reports[0] as (typeof reports)[0]), source: { key, sourceId: 'cd', etag: '"x"' } }),
      /without having been uploaded/,
    ],
  ];
  it.each(wrong)('tells where %s', (_what, change, message) => {
    expect(judged(change).join('\n')).toMatch(message);
  });
});
