import { describe, expect, it } from '@jest/globals';
import { regionIfOpen } from '../../../functions/db-processing/ledger.ts';
import { parseReview, type Review } from '../../../functions/db-processing/parse-review.ts';
import {
  type Batch,
  type BatchBuilder,
  createBatchBuilder,
  maxBatchLineBytes,
} from '../../../functions/db-processing/review-batch.ts';
import { allColumns, insertInto, unlessThere } from '../../../functions/db-processing/review-store.ts';
import { maxLineBytes } from '../../../functions/db-processing/split-lines.ts';
import { headroomBytes } from '../../../functions/shared/mysql-statement.ts';
import { type Column, columnNames } from '../../../functions/shared/record-formats.ts';

const sourceId = '0123456789abcdef0123456789abcdef';
/** Of the first row of a statement. */
const ifOpen = regionIfOpen(sourceId, 'us-east-1');
const review = parseReview(Buffer.from('{"reviewerID":"A1","asin":"B1","overall":5}')) as Review;

/** The values of all columns, as SQL; NULL where nothing is given. */
const valuesOf = (values: Partial<Record<Column, string>>) =>
  columnNames.map((name) => values[name] ?? 'NULL').join(',');
/** Of `review`. */
const reviewValues = valuesOf({ reviewer_id: "'A1'", asin: "'B1'", overall_rating: '5e0' });

const notPlain = 'not plain';
/** Adds one line as it is, if it is plain. Returns the batch that ended before it, or with it. */
function addPlain(batches: BatchBuilder, offset: number, line: string): Batch | null | typeof notPlain {
  const buffer = Buffer.from(`${line}\n`);
  const plain = batches.plainLines({ buffer, from: 0, to: buffer.length, offset });
  const first = plain.add(0);
  if (first.lines === 1) return first.full;
  if (first.full === null) return notPlain;
  expect(plain.add(0)).toMatchObject({ lines: 1, to: buffer.length, full: null });
  return first.full;
}

describe('a batch', () => {
  it('has the rows that were asked for, and the last one what is left', () => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 3);
    const made = [1, 2, 3, 4].map((offset) => batches.add(offset, review, 100));
    expect(made.map((batch) => batch?.rows)).toEqual([undefined, undefined, 3, undefined]);
    expect(batches.takeRest().map(({ rows }) => rows)).toEqual([1]);
    expect(batches.takeRest()).toEqual([]);
  });

  it('holds its rows as an INSERT', () => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 1);
    expect(batches.add(7, review, 100)?.insert.toString('utf8', headroomBytes)).toBe(
      `${insertInto(allColumns)}(x'${sourceId}',7,${ifOpen},${reviewValues})${unlessThere}`,
    );
  });

  it('is made in the memory of one that was given back, also for another source', () => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 1);
    const first = batches.add(7, review, 100);
    if (first === null) throw new Error('no batch');
    const text = first.insert.toString('utf8', headroomBytes);
    const second = batches.add(8, review, 100);
    expect(first.insert.toString('utf8', headroomBytes)).toBe(text);
    batches.release(first);
    const third = createBatchBuilder(sourceId, 'us-east-1', 1).add(9, review, 100);
    expect(third?.insert.buffer === first.insert.buffer).toBe(true);
    expect(third?.insert.toString('utf8', headroomBytes)).toBe(text.replace(',7,', ',9,'));
    expect(second?.insert.toString('utf8', headroomBytes)).toBe(
      text
        .replace(
          /\(source_id.*\) VALUES/,
          '(source_id, source_offset, region_indicator, reviewer_id, asin, overall_rating) VALUES',
        )
        .replace(',7,', ',8,')
        .replaceAll(',NULL', ''),
    );
  });

  it('takes plain lines as they are, between others', () => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 3);
    const plain = '{"reviewerID":"A2","asin":"B2"}';
    expect(addPlain(batches, 7, plain)).toBeNull();
    expect(addPlain(batches, 8, '{"reviewerID":"A3"}')).toBe(notPlain);
    expect(batches.add(9, review, 100)).toBeNull();
    const batch = addPlain(batches, 10, plain);
    const plainValues = valuesOf({ reviewer_id: '"A2"', asin: '"B2"' });
    expect(batch).toMatchObject({ rows: 3 });
    expect((batch as Batch).insert.toString('utf8', headroomBytes + insertInto(allColumns).length)).toBe(
      `(x'${sourceId}',7,${ifOpen},${plainValues}),` +
        `(x'${sourceId}',9,'us-east-1',${reviewValues}),` +
        `(x'${sourceId}',10,'us-east-1',${plainValues})${unlessThere}`,
    );
  });

  it('names the columns that many rows fill; other rows wait for a statement with all columns', () => {
    const key = 'source_id, source_offset, region_indicator, reviewer_id, asin';
    // A plain line's texts keep the quotes that they have.
    const row = (offset: number, id: '1' | '2', more = '', region = ifOpen, quote = id === '1' ? "'" : '"') =>
      `(x'${sourceId}',${offset},${region},${quote}A${id}${quote},${quote}B${id}${quote}${more})`;
    const batches = createBatchBuilder(sourceId, 'us-east-1', 2);
    const plain = (offset: number, more = '') =>
      addPlain(batches, offset, `{"reviewerID":"A2","asin":"B2"${more}}`) as Batch | null;
    const made = [
      plain(1),
      // The first statement names all columns.
      plain(2),
      plain(3),
      // Fills another column.
      batches.add(4, review, 100),
      plain(5),
      plain(6),
      // So does this one, and their statement is full.
      plain(7, ',"helpful":[1,2]'),
      plain(8),
      // They were many, so their columns are usual from here on.
      plain(9),
      ...batches.takeRest(),
    ];
    const texts = made.flatMap((batch) => (batch === null ? [] : batch.insert.toString('utf8', headroomBytes)));
    /** What stands behind the two ids. */
    const others = (values: Partial<Record<Column, string>>) => valuesOf(values).replace('NULL,NULL', '');
    const none = others({});
    const literal = "'us-east-1'";
    expect(texts).toEqual([
      `${insertInto(allColumns)}${row(1, '2', none)},${row(2, '2', none, literal)}${unlessThere}`,
      `INSERT INTO book_reviews (${key}) VALUES ${row(3, '2')},${row(5, '2', '', literal)}${unlessThere}`,
      `${insertInto(allColumns)}${row(4, '1', others({ overall_rating: '5e0' }))},${row(7, '2', others({ vote: '1', vote_total: '2' }), literal)}${unlessThere}`,
      `INSERT INTO book_reviews (${key}) VALUES ${row(6, '2')},${row(8, '2', '', literal)}${unlessThere}`,
      `INSERT INTO book_reviews (${key}, vote, vote_total, overall_rating) VALUES ${row(9, '2', ',NULL,NULL,NULL')}${unlessThere}`,
    ]);
    expect(made.map((batch) => batch?.rows)).toEqual([
      ...[undefined, 2, undefined, undefined, 2, undefined, 2, 2, undefined],
      1,
    ]);
  });

  it.each([
    // One row of a hundred: 100 of 10,000 rows.
    [100, 'all columns in one statement for these rows', 1],
    // One of ten: they are usual.
    [10, 'the column in all statements', 0],
  ])('of rows of which one in %i fills a column has %s', (every, _where, statementsForFew) => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 500);
    const line = (index: number) =>
      `{"reviewerID":"A2","asin":"B2","summary":"s"${index % every === 5 ? ',"vote":"7"' : ''}}\n`;
    const buffer = Buffer.from(Array.from({ length: 10_000 }, (_, index) => line(index)).join(''));
    const made: Batch[] = [];
    const plain = batches.plainLines({ buffer, from: 0, to: buffer.length, offset: 0 });
    for (let at = 0; at < buffer.length; ) {
      const { to, full } = plain.add(at);
      at = to;
      if (full) made.push(full);
    }
    made.push(...batches.takeRest());
    const texts = made.map(({ insert }) => insert.toString('utf8', headroomBytes));
    const offsets = texts.flatMap((text) =>
      [...text.matchAll(/\(x'[^']*',(\d+),/g)].map(([, offset]) => Number(offset)),
    );
    const expected: number[] = [];
    for (let index = 0, offset = 0; index < 10_000; index += 1) {
      expected.push(offset);
      offset += line(index).length;
    }
    expect(offsets.toSorted((left, right) => left - right)).toEqual(expected);
    const naming = texts.slice(1).map((text) => /\(source_id.*?\) VALUES/.exec(text)?.[0] ?? '');
    expect(naming.filter((names) => names.includes('other_fields'))).toHaveLength(statementsForFew);
    const usual = naming.filter((names) => !names.includes('other_fields'));
    expect(new Set(usual.map((names) => names.includes('vote')))).toEqual(new Set([every === 10]));
  });

  it('takes no line behind the run, also where the last one fills another column', () => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 1);
    expect(addPlain(batches, 0, '{"reviewerID":"A2","asin":"B2"}')).toMatchObject({ rows: 1 });
    const last = Buffer.from('{"reviewerID":"A2","asin":"B2","vote":"7"}\n');
    const buffer = Buffer.concat([last, last]);
    const taken = batches.plainLines({ buffer, from: 0, to: last.length, offset: 100 }).add(0);
    expect(taken).toMatchObject({ lines: 1, to: last.length, full: { rows: 1 } });
    const few = createBatchBuilder(sourceId, 'us-east-1', 2);
    for (const offset of [1, 2]) addPlain(few, offset, '{"reviewerID":"A2","asin":"B2"}');
    expect(few.plainLines({ buffer, from: 0, to: last.length, offset: 100 }).add(0)).toMatchObject({
      lines: 1,
      to: last.length,
      full: null,
    });
    expect(few.takeRest().map(({ rows }) => rows)).toEqual([1]);
  });

  it('holds plain lines of more than a mebibyte in several, in order', () => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 10_000);
    const lines = Array.from(
      { length: 60 },
      (_, index) => `{"reviewerID":"A${index}","asin":"B1","reviewText":"${"'".repeat(60_000)}"}`,
    );
    const made = lines.map((line, offset) => addPlain(batches, offset, line) as Batch | null);
    const sent = [...made, ...batches.takeRest()].filter((batch) => batch !== null);
    expect(sent.length).toBeGreaterThan(3);
    const text = sent.map(({ insert }) => insert.toString('utf8', headroomBytes)).join('\n');
    expect(
      [...text.matchAll(/,(\d+),(?:'us-east-1'|\(SELECT [^)]*\)),"A(\d+)"/g)].map(([, offset, id]) => [offset, id]),
    ).toEqual(lines.map((_, index) => [String(index), String(index)]));
    for (const { insert } of sent) expect(insert.length).toBeLessThan(4 * 1024 * 1024);
  });

  it('ends before its lines come to more than a mebibyte, and loses no row of it', () => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 10_000);
    const sizes = [400_000, 400_000, 400_000, maxLineBytes, maxLineBytes, 10];
    const made = sizes.flatMap((bytes, offset) => batches.add(offset, review, bytes) ?? []);
    expect([...made, ...batches.takeRest()].map((batch) => batch?.rows)).toEqual([2, 1, 1, 1, 1]);
  });

  it('stays below 4 MiB of SQL with the lines that escaping makes longest', () => {
    const long = (before: string, unit: string, after: string) => {
      const start = `{"reviewerID":"A1","asin":"B1",${before}`;
      const units = Math.floor((maxBatchLineBytes - start.length - after.length - 1) / unit.length);
      return Buffer.from(`${start}${unit.repeat(units)}${after}}`);
    };
    const lines = [
      long('"reviewText":"', "'", '"'),
      long('"reviewText":"', '\\\\', '"'),
      long('"reviewText":"', '\\u0000', '"'),
      long('"style":{"a":"', "'", '"}'),
      long('"style":{"a":"', '\\\\', '"}'),
      long('"style":{"a":"', '\\u0001', '"}'),
      long('"image":[', '9e15,', '1]'),
    ];
    for (const line of lines) {
      const parsed = parseReview(line);
      if (typeof parsed === 'string') continue;
      const batch = createBatchBuilder(sourceId, 'us-east-1', 1).add(0, parsed, line.length);
      expect(batch?.insert.length).toBeLessThan(4 * 1024 * 1024 - 1024);
    }
  });
});
