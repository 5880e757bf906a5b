import { describe, expect, it } from '@jest/globals';
import type { RegionEvidence, SourceReport } from '../../../local/demo/evidence.ts';
import { prove } from '../../../local/demo/proofs.ts';
import type { HistoryRow } from '../../../local/demo/rows.ts';

type Totals = NonNullable<SourceReport['totals']>;
const first = <Item>(items: Item[]): Item => items[0] as Item;

const key = 'book-review/reviews/a.json';
const rejectedFolder = 'book-review/rejected/a.json.0f/';

const idOf = (region: string) => (region === 'us-east-1' ? '0e' : '0f');

/** One file of 10 lines: 7 reviews, 2 rejected, 1 blank. */
const region = (name: string): RegionEvidence => {
  const totals = {
    lines: 10,
    inserted: 7,
    alreadyPresent: 0,
    rejected: 2,
    blank: 1,
    rejectedByReason: { 'malformed-json': 2 },
  };
  const source = { key, sourceId: idOf(name) };
  const report = { outcome: 'completed', reason: null, source, totals, rejectedPrefix: rejectedFolder };
  const other = name === 'us-east-1' ? 'us-east-2' : 'us-east-1';
  const history = (region_: string): HistoryRow => ({
    source_hex: idOf(region_),
    region: region_,
    object_key: key,
    state: 'complete',
    reason: null,
    chunk_count: 2,
    chunks_done: 2,
    line_count: 10,
    rows_loaded: 7,
    rejected: 2,
    blank: 1,
  });
  const contents = {
    history: { [idOf(name)]: history(name), [idOf(other)]: history(other) },
    rows: 14,
    checksum: 'c0ffee',
    rowsByRegionIndicator: { [name]: 7, [other]: 7 },
  };
  const listing = { pending: [], completed: ['a.json'], failed: [], rejected: ['a.json.0f/0000000000000000.jsonl'] };
  return {
    files: [
      {
        name: 'a.json',
        path: '',
        sizeBytes: 100,
        made: true,
        expected: { lines: 10, blank: 1, rejected: 2, reviews: 7 },
      },
    ],
    reports: [report],
    listing,
    rejectedLines: 2,
    contents,
    again: {
      reports: [{ ...report, totals: { ...totals, inserted: 0, alreadyPresent: 7 } }],
      listing,
      contents: { ...contents },
    },
  };
};

const [everyLine, ownRows, sameRows, history, prefixes, onceMore] = [0, 1, 2, 3, 4, 5] as const;
const broken = (change: (evidence: RegionEvidence) => void) => {
  const changed = structuredClone(region('us-east-2'));
  change(changed);
  const proofs = prove({ 'us-east-1': region('us-east-1'), 'us-east-2': changed });
  return { failed: proofs.flatMap(({ ok }, index) => (ok ? [] : [index])), proofs };
};
const report = (evidence: RegionEvidence) => {
  const [first] = evidence.reports;
  if (!first?.totals) throw new Error('no report');
  return { ...first, totals: first.totals };
};

const expectedOf = (evidence: RegionEvidence) => {
  const { expected } = first(evidence.files);
  if (!expected) throw new Error('no second reading');
  return expected;
};

describe('the proofs of a run', () => {
  it('all hold where every line is where it should be', () => {
    const { proofs } = broken(() => {});
    expect(proofs.map(({ ok, detail }) => [ok, detail])).toEqual(proofs.map(({ detail }) => [true, detail]));
    expect(proofs[0]?.detail).toContain('20 lines in 2 files = 14 inserted + 0 already present + 4 rejected + 2 blank');
  });

  it('hold without a second reading, and say so, where a file is of a format that it does not know', () => {
    const { proofs, failed } = broken((e) => {
      first(e.files).expected = null;
    });
    expect(failed).toEqual([]);
    expect(proofs[0]?.detail).toMatch(/; it does not read the format of 1 files$/);
  });

  const historyOf = ({ contents }: RegionEvidence) => contents.history['0f'] as HistoryRow;
  it.each<[string, number[], string, (evidence: RegionEvidence) => void]>([
    [
      'the ledger does not know the file',
      [history],
      'load_history does not know it',
      (e) => {
        e.contents.history = {};
      },
    ],
    [
      'the ledger calls the file withdrawn',
      [history],
      'load_history has the state "withdrawn", and the report "complete"',
      (e) => {
        historyOf(e).state = 'withdrawn';
      },
    ],
    [
      'the ledger has other counts',
      [history],
      'load_history has counts [10,6,2,1], and the report [10,7,2,1]',
      (e) => {
        historyOf(e).rows_loaded = 6;
      },
    ],
    [
      'the ledger lacks a chunk after the second pass',
      [history],
      'load_history has chunks 1, and the report 2',
      (e) => {
        e.again.contents = structuredClone(e.again.contents);
        (e.again.contents.history['0f'] as HistoryRow).chunks_done = 1;
      },
    ],
    [
      'a report is missing',
      [everyLine, ownRows, prefixes],
      'a.json: 0 reports',
      (e) => {
        e.reports = [];
      },
    ],
    [
      'the counts do not add up',
      [everyLine, history],
      '10 lines, but 9 accounted for',
      (e) => {
        report(e).totals.blank = 0;
      },
    ],
    [
      'the file has other lines',
      [everyLine],
      'but the file has 11',
      (e) => {
        expectedOf(e).lines = 11;
      },
    ],
    [
      'a record was rejected without reason',
      [everyLine],
      '2 rejected, expected 1',
      (e) => {
        expectedOf(e).rejected = 1;
      },
    ],
    [
      'a row is not there',
      [ownRows],
      'sees 6 of its own',
      (e) => {
        e.contents.rowsByRegionIndicator['us-east-2'] = 6;
      },
    ],
    [
      'a row has a strange Region',
      [ownRows],
      "rows of 'eu-west-1'",
      (e) => {
        e.contents.rowsByRegionIndicator['eu-west-1'] = 1;
      },
    ],
    [
      'the Regions differ in a value',
      [sameRows],
      'checksum bad',
      (e) => {
        e.contents.checksum = 'bad';
        e.again.contents.checksum = 'bad';
      },
    ],
    [
      'the Regions differ in rows',
      [sameRows],
      '13 rows',
      (e) => {
        e.contents.rows = 13;
        e.again.contents.rows = 13;
      },
    ],
    [
      'a file is pending',
      [prefixes],
      'still pending: b.json',
      (e) => {
        e.listing = { ...e.listing, pending: ['b.json'] };
      },
    ],
    [
      'a file failed',
      [prefixes],
      'failed: b.json',
      (e) => {
        e.listing = { ...e.listing, failed: ['b.json'] };
      },
    ],
    [
      'a file is not in completed',
      [prefixes],
      'not in completed/: a.json',
      (e) => {
        e.listing = { ...e.listing, completed: [] };
      },
    ],
    [
      'completed has more',
      [prefixes],
      'without having been uploaded: b',
      (e) => {
        e.listing = { ...e.listing, completed: ['a.json', 'b'] };
      },
    ],
    [
      'rejected records were not written',
      [prefixes],
      'does not fit',
      (e) => {
        e.listing = { ...e.listing, rejected: [] };
      },
    ],
    [
      'rejected records belong to nobody',
      [prefixes],
      'without a report',
      (e) => {
        e.listing.rejected.push('b.json.11/0.jsonl');
      },
    ],
    [
      'too few rejected records were written',
      [prefixes],
      '1 records under rejected/, 2 reported',
      (e) => {
        e.rejectedLines = 1;
      },
    ],
    [
      'the second pass inserts',
      [history, onceMore],
      '1 reported as inserted',
      (e) => {
        (first(e.again.reports).totals as Totals).inserted = 1;
      },
    ],
    [
      'the second pass adds a row',
      [onceMore],
      '14 rows before, 15 after',
      (e) => {
        e.again.contents.rows = 15;
      },
    ],
    [
      'the second pass did not see the file',
      [history, onceMore],
      '0 already present, expected 7',
      (e) => {
        (first(e.again.reports).totals as Totals).alreadyPresent = 0;
      },
    ],
  ])('fail, and say why, when %s', (_title, which, words, change) => {
    const { failed, proofs } = broken(change);
    expect(failed).toEqual(which);
    expect(which.map((index) => proofs[index]?.detail).join('\n')).toContain(words);
  });

  it('let a person’s own file have records that were rejected for a value, and say so', () => {
    const change = (e: RegionEvidence) => {
      expectedOf(e).rejected = 1;
      expectedOf(e).reviews = 8;
      report(e).totals.rejectedByReason = { 'malformed-json': 1, 'too-long:summary': 1 };
    };
    expect(broken(change).failed).toEqual([everyLine]);
    const own = broken((e) => {
      change(e);
      first(e.files).made = false;
    });
    expect(own.failed).toEqual([]);
    expect(own.proofs[0]?.detail).toContain('1 records that were rejected for a value');
  });
});
