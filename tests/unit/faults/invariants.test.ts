// The fault campaign reports everything that is wrong with reports, prefixes or rows.
import { describe, expect, it } from '@jest/globals';
import type { HistoryRow } from '../../../local/demo/rows.ts';
import { type BucketEvidence, expectationOf, judge, type Row } from '../../../local/faults/invariants.ts';
import { etagOf } from '../../../local/faults/workload.ts';

const key = 'book-review/reviews/1/a.json';
const body = Buffer.from('{"reviewerID":"A1","asin":"B1","overall":5.0}\n\nbad\n{"reviewerID":"A2","asin":"B2"}\n');
const version = { key, body, etag: etagOf(body), mustComplete: true };
const expectations = [await expectationOf(version)];

const evidence = (): BucketEvidence => ({
  pending: [],
  completed: ['1/a.json'],
  failed: [],
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
const truth = expectations[0]?.truth;
const rows = (): Row[] =>
  (truth?.ends === 'completed' ? truth.rows : []).map((row) => ({
    ...row,
    source_id: 'ab',
    region_indicator: 'us-east-1',
  }));
const history = (): HistoryRow[] => [
  {
    source_hex: 'ab',
    region: 'us-east-1',
    object_key: key,
    state: 'complete',
    reason: null,
    chunk_count: 1,
    chunks_done: 1,
    line_count: 4,
    rows_loaded: 2,
    rejected: 1,
    blank: 1,
  },
];
type Change = (evidence: BucketEvidence, rows: Row[], history: HistoryRow[]) => unknown;
const judged = (change: Change, of = expectations, ignored: string[] = []) => {
  const [kept, found, told] = [evidence(), rows(), history()];
  change(kept, found, told);
  return judge('us-east-1', of, kept, { rows: found, history: told, ignored });
};

describe('the judgement of a round', () => {
  it('has nothing to say where all is well', () => {
    expect(judged(() => {})).toEqual([]);
  });

  const wrong: [string, Change, RegExp][] = [
    ['a row is missing', (_, found) => found.pop(), /1 rows of 2/],
    ['a row is there twice', (_, found) => found.push({ ...(found[0] as Row) }), /3 rows of 2/],
    ['a row has another place', (_, found) => Object.assign(found[1] as Row, { source_offset: 7 }), /row at 7/],
    ['a value differs', (_, found) => Object.assign(found[0] as Row, { overall_rating: 4 }), /row at 0/],
    [
      'a row is of the other Region',
      (_, found) => Object.assign(found[0] as Row, { region_indicator: 'x' }),
      /a row of x/,
    ],
    [
      'a report counts a misfit that is none',
      ({ reports }) => Object.assign(reports[0]?.totals ?? {}, { misfits: { vote: 1 } }),
      /misfits {"vote":1}, and the file has {}/,
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
    ['a file failed in silence', ({ failed }) => failed.push('1/b.json'), /b\.json is failed, and no report/],
    ['the ledger does not know a file', (_, __, told) => told.pop(), /load_history does not know it/],
    [
      'the ledger is still loading',
      (_, __, [row]) => Object.assign(row ?? {}, { state: 'loading' }),
      /the state "load/,
    ],
    [
      'the ledger counts other lines',
      (_, __, [row]) => Object.assign(row ?? {}, { line_count: 3 }),
      /counts \[3,2,1,1\]/,
    ],
    ['the ledger names another file', (_, __, [row]) => Object.assign(row ?? {}, { object_key: '' }), /the key ""/],
    ['the ledger names another Region', (_, __, [row]) => Object.assign(row ?? {}, { region: 'x' }), /the Region "x"/],
  ];
  it.each(wrong)('tells where %s', (_what, change, message) => {
    expect(judged(change).join('\n')).toMatch(message);
  });

  const ofFailure = [{ version, truth: { ends: 'failed', reason: 'TooManyRejected' } as const }];
  const failed: Change = (kept, found, told) => {
    found.length = 0;
    kept.completed.pop();
    kept.failed.push('1/a.json');
    Object.assign(kept.reports[0] ?? {}, {
      outcome: 'failed',
      reason: 'TooManyRejected: why',
      movedTo: 'book-review/failed/1/a.json',
    });
    Object.assign(told[0] ?? {}, {
      state: 'failed',
      chunks_done: 0,
      line_count: 0,
      rows_loaded: 0,
      rejected: 0,
      blank: 0,
    });
  };
  const failedAnd =
    (change: Change): Change =>
    (...all) => {
      failed(...all);
      change(...all);
    };

  it('has nothing to say where a file that must fail has failed', () => {
    expect(judged(failed, ofFailure)).toEqual([]);
  });

  it.each<[string, Change, RegExp]>([
    ['is completed', () => {}, /should be failed.*completed, and should fail with TooManyRejected/s],
    ['leaves a row', failedAnd((_, found) => found.push(rows()[0] as Row)), /failed, and has 1 rows/],
    [
      'fails for another reason',
      failedAnd(({ reports }) => Object.assign(reports[0] ?? {}, { reason: 'InvalidInputError: x' })),
      /failed InvalidInputError: x, and should be failed/,
    ],
    ['is not where it was moved', failedAnd(({ failed: names }) => names.pop()), /not at book-review\/failed/],
    [
      'is complete in the ledger',
      failedAnd((_, __, [row]) => Object.assign(row ?? {}, { state: 'complete' })),
      /the state/,
    ],
  ])('tells where a file that must fail %s', (_what, change, message) => {
    expect(judged(change, ofFailure).join('\n')).toMatch(message);
  });

  it('tells where an object that is no source was moved', () => {
    expect(judged(({ pending }) => pending.push('1/_SUCCESS'), expectations, ['1/_SUCCESS'])).toEqual([]);
    expect(judged(() => {}, expectations, ['1/_SUCCESS']).join()).toMatch(/_SUCCESS is no source, and is not pending/);
  });
});
