// Rows of the main formats in MySQL, every field, against a reading that shares no code with the product.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLineAccount } from '../../functions/db-processing/account-lines.ts';
import { noSameness, openSources } from '../../functions/db-processing/ledger.ts';
import { parseRecord, parseReview } from '../../functions/db-processing/parse-review.ts';
import { type Batch, createBatchBuilder } from '../../functions/db-processing/review-batch.ts';
import { openForReviews } from '../../functions/db-processing/review-store.ts';
import type { ChunkProgress } from '../../functions/shared/contract.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';
import { type ExpectedRow, expectedColumns, expectedRow, idFieldsOf } from '../../local/reviews/expected-row.ts';
import { randomBySeed } from '../../local/reviews/made-text.ts';
import { makeRecord } from '../../local/reviews/make-record.ts';
import { makeReviewFiles } from '../../local/reviews/make-reviews.ts';
import { readIndependently } from '../../local/reviews/read-independently.ts';
import { inShape, type Shape } from '../../local/reviews/record-shapes.ts';
import { makeChunkResult, makeSource } from '../support/sources.ts';

let mysql: MysqlServer;
let session: Session;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'formats-'));
  mysql = await startMysql();
  await migrate(mysql.openSession);
  session = await openForReviews(mysql.openSession);
  const opening = { source: makeSource({ sourceId }), sameness: noSameness };
  await openSources(session, [opening], { region: 'us-east-1', maxRejectedPercent: 50, startedAt: undefined }, 30_000);
});
afterAll(async () => {
  await session?.close();
  await mysql?.stop();
  await rm(directory, { recursive: true });
});

const sourceId = '00'.repeat(16);
const insert = (batch: Batch | null) => (batch ? session.run(batch.insert, 30_000) : null);

async function rows(): Promise<ExpectedRow[]> {
  const found = await mysql.query<ExpectedRow>(`SELECT ${expectedColumns} FROM book_reviews ORDER BY source_offset`);
  await session.run('DELETE FROM book_reviews', 30_000);
  const parsed = (json: unknown) => (json === null ? null : JSON.parse(String(json)));
  return found.map((row) => ({
    ...row,
    source_offset: Number(row.source_offset),
    verified: row.verified === null ? null : Boolean(row.verified),
    style: parsed(row.style),
    image: parsed(row.image),
    other_fields: parsed(row.other_fields),
  }));
}

describe('rows of a file of lines', () => {
  it.each(['public', 'amazon-2023', 'goodreads'] as const)('say what the file of the format %s says', async (shape) => {
    const options = { region: 'us-east-1', reviews: 3_000, directory: join(directory, shape), files: 1, shape };
    const [file] = await makeReviewFiles(options);
    if (!file) throw new Error('no file');
    const expected: ExpectedRow[] = [];
    for await (const reading of readIndependently(file.path)) {
      if (reading.kind === 'review') expected.push(expectedRow(reading.offset, reading.record));
    }
    const buffer = await readFile(file.path);
    const progress: ChunkProgress = makeChunkResult({ lines: 0, inserted: 0 });
    const batches = createBatchBuilder(sourceId, 'us-east-1', 500);
    const account = createLineAccount(progress, batches, { add: () => {} });
    for (const full of account.fullBatches({ buffer, from: 0, to: buffer.length, offset: 0 })) await insert(full);
    for (const batch of batches.takeRest()) await insert(batch);
    expect(expected.length).toBeGreaterThan(2_900);
    expect(await rows()).toEqual(expected);
    expect(progress.recordFormats).toEqual({ [shape]: expected.length });
    const others = expected.map(({ other_fields: fields }) => Object.keys(fields ?? {}).length);
    expect(progress.unknownFields).toBe(others.reduce((sum, count) => sum + count, 0));
    expect(progress.misfits).toBeUndefined();
  });
});

/** Inserts records that are written as `lines` says. */
async function ingest(lines: string[]): Promise<void> {
  const batches = createBatchBuilder(sourceId, 'us-east-1', 500);
  for (const [offset, line] of lines.entries()) {
    const review = parseReview(Buffer.from(line));
    if (typeof review === 'string') throw new Error(`${review}: ${line}`);
    expect(review.misfits).toEqual([]);
    await insert(batches.add(offset, review, line.length));
  }
  for (const batch of batches.takeRest()) await insert(batch);
}

const madeRecords = (shape: Shape) => {
  const random = randomBySeed('formats');
  const made = Array.from({ length: 400 }, (_, number) =>
    inShape(makeRecord(number, random, undefined), shape, number),
  );
  return made.filter((record) => idFieldsOf(record).every((name) => record[name]));
};

describe('rows of an export', () => {
  /** As DynamoDB writes a value. */
  const typed = (value: unknown): unknown => {
    if (value === null) return { NULL: true };
    if (Array.isArray(value)) return { L: value.map(typed) };
    if (typeof value === 'object') {
      return { M: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typed(one)])) };
    }
    return typeof value === 'string'
      ? { S: value }
      : typeof value === 'number'
        ? { N: String(value) }
        : { BOOL: value };
  };

  it.each(['public', 'amazon-2023', 'goodreads'] as const)(
    'of DynamoDB say what the records of the format %s say',
    async (shape) => {
      const records = madeRecords(shape);
      await ingest(records.map((record) => JSON.stringify({ Item: (typed(record) as { M: unknown }).M })));
      const expected = records.map((record, offset) => {
        const row = expectedRow(offset, record);
        const others = Object.entries(row.other_fields ?? {}).map(([name, value]) => [name, typed(value)]);
        return { ...row, other_fields: others.length === 0 ? null : Object.fromEntries(others) };
      });
      expect(records.length).toBeGreaterThan(300);
      expect(await rows()).toEqual(expected);
    },
  );

  it("of this service's own table say what the rows said", async () => {
    const records = madeRecords('public');
    await ingest(records.map((record) => JSON.stringify(record)));
    const exported = await mysql.query<Record<string, unknown>>(
      `SELECT HEX(source_id) AS source_id, region_indicator, ingested_at, ${expectedColumns} FROM book_reviews ORDER BY source_offset`,
    );
    const before = await rows();
    // A client gives JSON columns as texts or as values.
    await ingest(
      exported.map((row, number) =>
        JSON.stringify(number % 2 === 0 ? row : { ...row, style: JSON.parse(String(row.style)) }),
      ),
    );
    const after = await rows();
    const ofTable = ['source_id', 'source_offset', 'region_indicator', 'ingested_at'];
    const withoutThem = (others: unknown) => {
      const rest = Object.entries(others ?? {}).filter(([name]) => !ofTable.includes(name));
      return rest.length === 0 ? null : Object.fromEntries(rest);
    };
    for (const { other_fields: others } of after)
      expect(Object.keys(others ?? {})).toEqual(expect.arrayContaining(ofTable));
    expect(after.map((row) => ({ ...row, other_fields: withoutThem(row.other_fields) }))).toEqual(
      before.map((row, offset) => ({ ...row, source_offset: offset })),
    );
  });
});

describe('rows of a table', () => {
  const tables: [string, Record<string, string>[]][] = [
    [
      'customer-reviews',
      ['2012-05-03', ''].map((date, number) => ({
        marketplace: 'US',
        customer_id: `1207661${number}`,
        review_id: 'R',
        product_id: '0843952016',
        star_rating: '4',
        helpful_votes: '1,204',
        total_votes: '2000',
        vine: 'N',
        verified_purchase: number === 0 ? 'Y' : 'N',
        review_headline: 'He said "wait"',
        review_body: 'Line\nbreak, comma; \\ and "quotes"',
        review_date: date,
      })),
    ],
    [
      'kaggle',
      ['A1', ''].map((reviewer, number) => ({
        Id: '0009000037',
        Title: "It's",
        Price: number === 0 ? '' : '12.99',
        User_id: reviewer,
        profileName: '',
        'review/helpfulness': '1/2',
        'review/score': '2.0',
        'review/time': number === 0 ? '-1' : '1360886400',
        'review/summary': 'S',
        'review/text': 'X',
      })),
    ],
  ];
  it.each(tables)('say what the table of the format %s says', async (format, records) => {
    const batches = createBatchBuilder(sourceId, 'us-east-1', 500);
    for (const [offset, record] of records.entries()) {
      const review = parseRecord(record);
      if (typeof review === 'string') throw new Error(review);
      expect(review).toMatchObject({ format, misfits: [] });
      batches.add(offset, review, 100);
    }
    for (const batch of batches.takeRest()) await insert(batch);
    expect(await rows()).toEqual(records.map((record, offset) => expectedRow(offset, record)));
  });
});
