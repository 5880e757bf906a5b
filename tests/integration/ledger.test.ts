// The ledger and the withdrawal, against a real server.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type IngestDependencies, ingestChunk } from '../../functions/db-processing/ingest-chunk.ts';
import { withdrawRows } from '../../functions/db-processing/withdraw-rows.ts';
import type { ChunkProgress, Source } from '../../functions/shared/contract.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';
import { makeSource } from '../support/sources.ts';

let mysql: MysqlServer;
let s3: S3Server;

beforeAll(async () => {
  [mysql, s3] = await Promise.all([startMysql(), startS3Server()]);
  await migrate(mysql.openSession);
}, 120_000);
afterAll(async () => {
  await Promise.all([mysql.stop(), s3.stop()]);
});
beforeEach(async () => {
  for (const table of ['book_reviews', 'sources', 'source_chunks']) await mysql.query(`TRUNCATE TABLE ${table}`);
});

const line = (number: number) => `${JSON.stringify({ reviewerID: `A${number}`, asin: 'B1', overall: 4 })}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, number) => line(number)).join('');

let files = 0;
async function upload(content: string, overrides: Partial<Source> = {}): Promise<Source> {
  files += 1;
  const key = overrides.key ?? `book-review/reviews/us-east-1/file-${files}.json`;
  const { etag } = await s3.put(key, content);
  const sizeBytes = Buffer.byteLength(content);
  const uploadedAt = '2026-11-26T10:00:00.000Z';
  const sourceId = files.toString(16).padStart(32, '0');
  return makeSource({
    sourceId,
    key,
    etag,
    sizeBytes,
    chunkBytes: sizeBytes,
    uploadedAt,
    checksum: `crc64nvme:${files}`,
    ...overrides,
  });
}

const before = '2020-01-01T00:00:00.000Z';
const later = '2035-01-01T00:00:00.000Z';

const ingest = (
  source: Source,
  startedAt: string = before,
  overrides: Partial<IngestDependencies> = {},
  chunkIndex = 0,
): Promise<ChunkProgress> =>
  ingestChunk(
    { source, chunkIndex, progress: null, startedAt },
    {
      s3: s3.client,
      bucket: s3.bucket,
      region: 'us-east-1',
      openSession: mysql.openSession,
      connections: 3,
      batchRows: 50,
      maxDecompressedBytes: 1024 ** 3,
      maxRejectedPercent: 50,
      sameContent: 'add',
      remainingMs: () => 60_000,
      ...overrides,
    },
  );

const withdraw = (source: Source, startedAt?: string, openSession = mysql.openSession, remainingMs = () => 60_000) =>
  withdrawRows(
    {
      withdraw: {
        sourceId: source.sourceId,
        state: 'failed',
        reason: 'InvalidInputError: cut off',
        ...(startedAt && { startedAt }),
      },
    },
    { openSession, remainingMs },
  );

const history = () => mysql.query<Record<string, unknown>>('SELECT * FROM load_history ORDER BY object_key');
const countOf = async (table: string) =>
  Number((await mysql.query<{ count: number }>(`SELECT COUNT(*) AS count FROM ${table}`))[0]?.count);

describe('the ledger', () => {
  it('has a row per file, with its counts, and leads from any row to its file', async () => {
    const source = await upload(`${lines(30)}\n{"asin":"B1"}\n{"reviewerID":"A","asin":"B","overall":9}\n`);
    await ingest(source);
    expect(await history()).toMatchObject([
      {
        source_hex: source.sourceId,
        region: 'us-east-1',
        bucket: source.originBucket,
        object_key: source.key,
        file_name: source.key.split('/').at(-1),
        state: 'complete',
        reason: null,
        size_bytes: source.sizeBytes,
        checksum: source.checksum,
        record_format: 'public',
        chunk_count: 1,
        chunks_done: 1,
        line_count: '33',
        rows_loaded: '31',
        rejected: '1',
        blank: '1',
        misfits: '1',
      },
    ]);
    const found = await mysql.query(
      "SELECT h.file_name, h.uploaded_at, h.rows_loaded FROM book_reviews r JOIN load_history h USING (source_id) WHERE r.reviewer_id = 'A7'",
    );
    expect(found).toMatchObject([{ file_name: source.key.split('/').at(-1), rows_loaded: '31' }]);
  });

  it('has one chunk of a file that was planned as many and turned out to be no lines, whenever the others end', async () => {
    const text = `${lines(20)}{\n"reviewerID":"A","asin":"B"\n}\n${lines(20)}`;
    const sizeBytes = Buffer.byteLength(text);
    const planned = await upload(text, { chunkBytes: Math.ceil(sizeBytes / 3), chunkCount: 3 });
    await ingest(planned, before, {}, 2);
    await expect(ingest(planned, before, {}, 1)).rejects.toMatchObject({ name: 'NotLinesError' });
    const whole: Source = { ...planned, format: 'whole', chunkBytes: sizeBytes, chunkCount: 1 };
    const one = { state: 'complete', chunks_done: 1, line_count: '41', rows_loaded: '41', rejected: '0' };
    expect(await ingest(whole)).toMatchObject({ lines: 41, rejected: 0, container: 'values' });
    expect(await history()).toMatchObject([one]);
    expect(await countOf('book_reviews')).toBe(41);
  });

  it('does not change when a chunk is ingested again, and counts rows once', async () => {
    const source = await upload(lines(120));
    await ingest(source);
    const first = await history();
    const again = await ingest(source);
    expect(again).toMatchObject({ inserted: 0, alreadyPresent: 120 });
    const ignoringTimes = (rows: Record<string, unknown>[]) =>
      rows.map(({ readable_at: _, seconds_to_readable: __, ...rest }) => rest);
    expect(ignoringTimes(await history())).toEqual(ignoringTimes(first));
    expect(await countOf('reviews')).toBe(120);
  });

  it('shows the rows of complete files only, also while a file is under way', async () => {
    const half = await upload(lines(40), { chunkBytes: 500, chunkCount: 4 });
    const whole = await upload(lines(10));
    await Promise.all([ingest(half), ingest(whole)]);
    expect(await countOf('book_reviews')).toBeGreaterThan(10);
    expect(await countOf('reviews')).toBe(10);
    expect((await history()).map(({ state }) => state)).toEqual(['loading', 'complete']);
  });

  it.each([
    ['more than half of the records are rejected', `${line(1)}{}\n{}\n`, 'loading'],
    ['half of the records are rejected', `${line(1)}{}\n`, 'complete'],
    ['not one record became a row', '{}\n', 'loading'],
    ['the file has no record', '\n\n', 'complete'],
    ['the file is empty', '', 'complete'],
  ])('knows the verdict: where %s', async (_, content, state) => {
    await ingest(await upload(content));
    expect(await history()).toMatchObject([{ state }]);
  });

  it('names a file with the same content, and the one before under the same key', async () => {
    const first = await upload(lines(3));
    await ingest(first);
    const copy = await upload(lines(3), { checksum: first.checksum });
    expect((await ingest(copy)).sameness).toEqual({ sameContentAs: first.sourceId, sameNameAs: null });
    const newer = await upload(lines(4), { key: first.key });
    expect((await ingest(newer)).sameness).toEqual({ sameContentAs: null, sameNameAs: first.sourceId });
    const shown = (await history()).map(({ same_content_as, same_name_as }) => [same_content_as, same_name_as]);
    expect(shown).toEqual(
      expect.arrayContaining([
        [first.sourceId, null],
        [null, first.sourceId],
        [null, null],
      ]),
    );
  });

  it('refuses a file with the same content where SameContent says skip, and writes none of its rows', async () => {
    const first = await upload(lines(3));
    await ingest(first);
    const copy = await upload(lines(3), { checksum: first.checksum });
    await expect(ingest(copy, before, { sameContent: 'skip' })).rejects.toMatchObject({ name: 'SameContentError' });
    expect(await countOf('book_reviews')).toBe(3);
  });
});

describe('a withdrawal', () => {
  it('tells of a file that failed before a row of it was written: its name, Region, size and time', async () => {
    const source = await upload('PK');
    const request = {
      sourceId: source.sourceId,
      state: 'failed' as const,
      reason: 'UnsupportedFormatError: zip',
      source,
    };
    await withdrawRows(
      { withdraw: request },
      { openSession: mysql.openSession, remainingMs: () => 60_000, region: 'us-east-2' },
    );
    expect(await history()).toMatchObject([
      {
        source_hex: source.sourceId,
        region: 'us-east-2',
        bucket: source.originBucket,
        object_key: source.key,
        state: 'failed',
        reason: 'UnsupportedFormatError: zip',
        size_bytes: source.sizeBytes,
        checksum: source.checksum,
        chunk_count: source.chunkCount,
        line_count: '0',
        rows_loaded: '0',
        uploaded_at: expect.anything(),
      },
    ]);
  });

  it('leaves no row of the source and no chunk, and every row of the others', async () => {
    const [bad, good] = [await upload(lines(120)), await upload(lines(7))];
    await Promise.all([ingest(bad), ingest(good)]);
    expect(await withdraw(bad)).toEqual({ done: true, rows: 120 });
    expect(await countOf('book_reviews')).toBe(7);
    expect(await countOf('source_chunks')).toBe(1);
    expect((await history())[0]).toMatchObject({
      state: 'failed',
      reason: 'InvalidInputError: cut off',
      rows_loaded: '0',
    });
    expect(await withdraw(bad)).toEqual({ done: true, rows: 0 });
  });

  it('keeps out what an execution that began before it writes afterwards', async () => {
    const source = await upload(lines(120));
    await ingest(source);
    await withdraw(source);
    await expect(ingest(source)).rejects.toMatchObject({ name: 'SourceWithdrawnError' });
    expect(await countOf('book_reviews')).toBe(0);
    expect(await countOf('source_chunks')).toBe(0);
  });

  it('keeps out a chunk without rows as well', async () => {
    const source = await upload('\n\n');
    await withdraw(source);
    await expect(ingest(source)).rejects.toMatchObject({ name: 'SourceWithdrawnError' });
  });

  it('lets an execution that began after it ingest the source again', async () => {
    const source = await upload(lines(120));
    await ingest(source);
    await withdraw(source);
    expect(await ingest(source, later)).toMatchObject({ inserted: 120 });
    expect(await history()).toMatchObject([{ state: 'complete', reason: null, closed_at: null }]);
  });

  it('is later than the execution that asks for it, however slow the clock of the database is', async () => {
    const source = await upload(lines(3));
    await ingest(source);
    await withdraw(source, later);
    await expect(ingest(source, later)).rejects.toMatchObject({ name: 'SourceWithdrawnError' });
  });

  it('waits for a statement under way, and is waited for: no row comes in behind it', async () => {
    const source = await upload(lines(400));
    await ingest(source);
    // A statement that has read that the source is open, and is not committed yet.
    const slow = await mysql.openSession();
    await slow.run('START TRANSACTION', 5_000);
    const [{ region } = { region: null }] = await slow.run<{ region: string | null }[]>('SELECT 1 AS region', 5_000);
    expect(region).not.toBeNull();
    await slow.run(
      `INSERT INTO book_reviews (source_id, source_offset, region_indicator, reviewer_id, asin) VALUES (x'${source.sourceId}', 999999,
        (SELECT 'us-east-1' FROM sources WHERE source_id = x'${source.sourceId}' AND closed_at IS NULL), 'A', 'B')`,
      5_000,
    );
    let isDone = false;
    const withdrawn = withdraw(source).finally(() => {
      isDone = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isDone).toBe(false);
    await slow.run('COMMIT', 5_000);
    expect(await withdrawn).toEqual({ done: true, rows: 401 });
    await slow.close();
    expect(await countOf('book_reviews')).toBe(0);
  });

  it('leaves the rows of a source alone that another execution ingested after the decision', async () => {
    const source = await upload(lines(20));
    await ingest(source);
    const [{ now }] = (await mysql.query(
      'SELECT DATE_FORMAT(done_at, "%Y-%m-%dT%T.%fZ") AS now FROM source_chunks',
    )) as [{ now: string }];
    const request = { sourceId: source.sourceId, state: 'failed' as const, reason: 'SourceChangedError: gone' };
    const close = (decidedAt: string) =>
      withdrawRows(
        { withdraw: { ...request, decidedAt } },
        { openSession: mysql.openSession, remainingMs: () => 60_000 },
      );
    const earlier = new Date(Date.parse(now) - 1).toISOString();
    expect(await close(earlier)).toEqual({ done: true, rows: 0, superseded: true });
    expect(await history()).toMatchObject([{ state: 'complete', rows_loaded: '20', reason: null }]);
    expect(await close(new Date(Date.parse(now)).toISOString())).toEqual({ done: true, rows: 20 });
    expect(await history()).toMatchObject([{ state: 'failed', rows_loaded: '0', reason: request.reason }]);
    // Closed is closed: a repetition continues.
    expect(await close(earlier)).toEqual({ done: true, rows: 0 });
  });

  it('takes no rows of an execution that opened the source between two of its invocations', async () => {
    const source = await upload(lines(20));
    await ingest(source);
    await withdraw(source);
    await ingest(source, later);
    const request = { sourceId: source.sourceId, state: 'failed' as const, reason: 'InvalidInputError', rows: 5 };
    const rest = await withdrawRows(
      { withdraw: request },
      { openSession: mysql.openSession, remainingMs: () => 60_000 },
    );
    expect(rest).toEqual({ done: true, rows: 5, superseded: true });
    expect(await history()).toMatchObject([{ state: 'complete', rows_loaded: '20' }]);
    expect(await countOf('book_reviews')).toBe(20);
  });

  it('closes the source also where it is told of no rows so far, as an operator does', async () => {
    const source = await upload(lines(20));
    await ingest(source);
    const request = { sourceId: source.sourceId, state: 'withdrawn' as const, reason: 'wrong file', rows: 0 };
    const whole = { openSession: mysql.openSession, remainingMs: () => 60_000 };
    expect(await withdrawRows({ withdraw: request }, whole)).toEqual({ done: true, rows: 20 });
    expect(await history()).toMatchObject([{ state: 'withdrawn', rows_loaded: '0' }]);
  });

  it('goes on where it stopped for lack of time', async () => {
    const source = await upload(lines(12_000));
    await ingest(source, before, { batchRows: 1_000 });
    const first = await withdraw(source, undefined, mysql.openSession, () => 1_000);
    expect(first).toEqual({ done: false, rows: 5_000 });
    expect(await withdraw(source)).toEqual({ done: true, rows: 7_000 });
  });

  it('may be killed at every step, and a repetition ends it', async () => {
    const statements = ['INSERT INTO sources', 'DELETE FROM book_reviews', 'DELETE FROM source_chunks', 'SELECT COUNT'];
    for (const place of statements.flatMap(
      (begin) =>
        [
          { begin, when: 'before' },
          { begin, when: 'after' },
        ] as const,
    )) {
      const source = await upload(lines(30));
      await ingest(source);
      const killed = new Error('killed');
      const dying: typeof mysql.openSession = async () => {
        const session = await mysql.openSession();
        return {
          ...session,
          run: async <Result>(sql: string | Buffer, timeoutMs: number) => {
            const isIt = String(sql).trimStart().startsWith(place.begin);
            if (isIt && place.when === 'before') throw killed;
            const result = await session.run<Result>(sql, timeoutMs);
            if (isIt) throw killed;
            return result;
          },
        };
      };
      await expect(withdraw(source, undefined, dying)).rejects.toBe(killed);
      expect(await withdraw(source)).toMatchObject({ done: true });
      await expect(ingest(source)).rejects.toMatchObject({ name: 'SourceWithdrawnError' });
      expect(await countOf('book_reviews')).toBe(0);
      expect(await countOf('source_chunks')).toBe(0);
    }
  });

  it('is the way out for a source that has more rows than its lines make', async () => {
    const source = await upload(lines(10));
    await ingest(source);
    await mysql.query(
      `INSERT INTO book_reviews (source_id, source_offset, region_indicator, reviewer_id, asin) VALUES (x'${source.sourceId}', 3, 'r', 'A', 'B')`,
    );
    await expect(ingest(source)).rejects.toMatchObject({ name: 'SurplusRowsError' });
    await withdraw(source);
    expect(await ingest(source, later)).toMatchObject({ inserted: 10 });
    expect(await countOf('book_reviews')).toBe(10);
  });
});
