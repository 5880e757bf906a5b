// Rows of the main formats in MySQL, every field, against a reading that shares no code with the product.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLineAccount } from '../../functions/db-processing/account-lines.ts';
import { parseRecord } from '../../functions/db-processing/parse-review.ts';
import { type Batch, createBatchBuilder } from '../../functions/db-processing/review-batch.ts';
import { openForReviews } from '../../functions/db-processing/review-store.ts';
import type { ChunkProgress } from '../../functions/shared/contract.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { type ExpectedRow, expectedColumns, expectedRow } from '../../local/reviews/expected-row.ts';
import { makeReviewFiles } from '../../local/reviews/make-reviews.ts';
import { readIndependently } from '../../local/reviews/read-independently.ts';
import { migrate } from '../support/migrations.ts';
import { type MysqlServer, startMysql } from '../support/mysql.ts';
import { makeChunkResult } from '../support/sources.ts';

let mysql: MysqlServer;
let session: Session;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'formats-'));
  mysql = await startMysql();
  await migrate(mysql.openSession);
  session = await openForReviews(mysql.openSession);
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
    await insert(batches.take());
    expect(expected.length).toBeGreaterThan(2_900);
    expect(await rows()).toEqual(expected);
    expect(progress.recordFormats).toEqual({ [shape]: expected.length });
    const others = expected.map(({ other_fields: fields }) => Object.keys(fields ?? {}).length);
    expect(progress.unknownFields).toBe(others.reduce((sum, count) => sum + count, 0));
    expect(progress.misfits).toBeUndefined();
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
    await insert(batches.take());
    expect(await rows()).toEqual(records.map((record, offset) => expectedRow(offset, record)));
  });
});
