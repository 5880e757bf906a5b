// All that DB-processing does on a primary. One file, because each test file starts a server.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type IngestDependencies, ingestChunk } from '../../functions/db-processing/ingest-chunk.ts';
import type { RejectedRecord } from '../../functions/db-processing/rejected-records.ts';
import type { ChunkProgress, Source } from '../../functions/shared/contract.ts';
import { IncompleteIngestError, InvalidInputError, SourceChangedError } from '../../functions/shared/errors.ts';
import { rejectedKey } from '../../functions/shared/keys.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';
import { comparableRow, expectedRow, reviewColumns } from '../support/expected-row.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';
import { makeSource } from '../support/sources.ts';

const region = 'us-east-1';
let mysql: MysqlServer;
let s3: S3Server;
beforeAll(async () => {
  [mysql, s3] = await Promise.all([startMysql(), startS3Server()]);
  await migrate(mysql.openSession);
});
afterAll(async () => {
  await s3?.stop();
  await mysql?.stop();
});
beforeEach(() => mysql.query('TRUNCATE book_reviews'));

const review = (number: number, more: object = {}) =>
  JSON.stringify({
    reviewerID: `A${number}`,
    asin: `B${number % 7}`,
    reviewText: `It's no. ${number} 😀\\`,
    overall: 4,
    ...more,
  });

let uploads = 0;
async function upload(content: string | Buffer, overrides: Partial<Source> = {}): Promise<Source> {
  const bytes = Buffer.from(content);
  uploads += 1;
  const key = `book-review/reviews/file-${uploads}.json`;
  const { etag } = await s3.put(key, bytes);
  const chunkBytes = overrides.chunkBytes ?? Math.max(bytes.length, 1);
  const sourceId = createHash('sha256').update(key).digest('hex').slice(0, 32);
  const chunkCount = Math.max(1, Math.ceil(bytes.length / chunkBytes));
  return makeSource({ key, etag, sourceId, sizeBytes: bytes.length, chunkBytes, chunkCount, ...overrides });
}

const deps = (overrides: Partial<IngestDependencies> = {}): IngestDependencies => ({
  s3: s3.client,
  bucket: s3.bucket,
  region,
  openSession: mysql.openSession,
  connections: 3,
  batchRows: 50,
  maxDecompressedBytes: 1024 ** 3,
  maxRejectedPercent: 50,
  sameContent: 'add',
  remainingMs: () => 60_000,
  ...overrides,
});

async function ingest(source: Source, overrides: Partial<IngestDependencies> = {}): Promise<ChunkProgress[]> {
  const indexes = Array.from({ length: source.chunkCount }, (_, index) => index);
  return Promise.all(indexes.map((chunkIndex) => ingestChunk({ source, chunkIndex, progress: null }, deps(overrides))));
}

const sum = (
  chunks: ChunkProgress[],
  count: 'lines' | 'inserted' | 'alreadyPresent' | 'rejected' | 'blank' | 'unknownFields',
) => chunks.reduce((total, chunk) => total + chunk[count], 0);

const rows = async (source: Source) =>
  (
    await mysql.query<Record<string, unknown>>(
      `SELECT ${reviewColumns} FROM book_reviews WHERE source_id = x'${source.sourceId}' ORDER BY source_offset`,
    )
  ).map(comparableRow);

async function rejections(source: Source): Promise<RejectedRecord[]> {
  const prefix = rejectedKey(source, 0).replace(/\/[^/]*$/, '/');
  const texts = await Promise.all((await s3.list(prefix)).map((key) => s3.read(key)));
  return texts
    .flatMap((text) => (text ?? '').trimEnd().split('\n'))
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.offset - b.offset);
}

/** Lines with their offsets, without the product's splitter. */
function offsets(lines: string[]): { line: string; offset: number }[] {
  let offset = 0;
  return lines.map((line) => {
    const at = { line, offset };
    offset += Buffer.byteLength(line) + 1;
    return at;
  });
}

describe('a file in chunks', () => {
  it('becomes rows that are what an independent reading of the file says, in every field, and adds none the second time', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => value.isWellFormed());
    const json = fc.jsonValue({ noUnicodeString: false, depthSize: 'small' });
    const noHuge = (value: unknown) => !/\d{16}|e\+?\d\d/.test(JSON.stringify(value));
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const record = fc.record({
      reviewerID: text.filter((value) => value.trim() !== ''),
      asin: fc.string({ minLength: 1, maxLength: 32 }).filter((value) => value.trim() !== ''),
      reviewerName: optional(text),
      reviewText: optional(
        fc.oneof(text, fc.constant("'; DROP TABLE book_reviews; -- \\"), fc.constant('\0\b\t\n\r\x1a"\'\\%_')),
      ),
      summary: optional(text),
      overall: optional(fc.double({ min: 0, max: 5, noNaN: true })),
      vote: optional(
        fc.oneof(
          fc.nat(),
          fc.nat().map((votes) => votes.toLocaleString('en-US')),
        ),
      ),
      helpful: optional(fc.tuple(fc.nat(), fc.nat())),
      unixReviewTime: optional(fc.nat()),
      reviewTime: optional(fc.string({ maxLength: 20 })),
      verified: optional(fc.boolean()),
      style: optional(fc.dictionary(text, json).filter(noHuge)),
      image: optional(fc.array(json).filter(noHuge)),
    });
    const lines = fc.sample(record, { numRuns: 400, seed: 7 }).map((value) => JSON.stringify(value));
    const source = await upload(`${lines.join('\n')}\n`, { chunkBytes: 20_011 });
    const first = await ingest(source);
    expect(await rejections(source).catch(() => [])).toEqual([]);
    expect([sum(first, 'lines'), sum(first, 'inserted')]).toEqual([400, 400]);
    const expected = offsets(lines).map(({ line, offset }) => expectedRow(line, offset, region));
    // JSON has one zero in a column: -0 is read as 0.
    expect(await rows(source)).toEqual(JSON.parse(JSON.stringify(expected)));

    const second = await ingest(source);
    expect([sum(second, 'inserted'), sum(second, 'alreadyPresent')]).toEqual([0, 400]);
    expect(await rows(source)).toHaveLength(400);
  });

  it('goes to the database in statements of as many rows as are set, by one session in a primary', async () => {
    const content = Array.from({ length: 6_000 }, (_, number) => review(number)).join('\n');
    const sizes: number[] = [];
    let opened = 0;
    const openSession = async () => {
      opened += 1;
      const session = await mysql.openSession();
      const run = async <Result>(sql: string | Buffer, timeoutMs: number) => {
        const result = await session.run<Result>(sql, timeoutMs);
        if (typeof sql !== 'string') sizes.push((result as { affectedRows: number }).affectedRows);
        return result;
      };
      return { ...session, run };
    };
    await ingest(await upload(content), { openSession, batchRows: 600 });
    expect(sizes).toEqual(Array(10).fill(600));
    expect(opened).toBe(1);
  });

  it('is covered by its chunks without a gap', async () => {
    const lines = Array.from({ length: 300 }, (_, number) => review(number, { reviewText: 'x'.repeat(number % 90) }));
    const source = await upload(lines.join('\n'), { chunkBytes: 977 });
    const owning = (await ingest(source)).filter((chunk) => chunk.ownedFrom !== null);
    expect(owning[0]?.ownedFrom).toBe(0);
    for (const [index, chunk] of owning.entries())
      expect(chunk.ownedTo).toBe(owning[index + 1]?.ownedFrom ?? source.sizeBytes);
    expect(sum(owning, 'inserted')).toBe(300);
  });

  it('may be ingested several times at once, and each line is one row', async () => {
    const lines = Array.from({ length: 500 }, (_, number) => review(number));
    const source = await upload(lines.join('\n'), { chunkBytes: 9_000 });
    const runs = await Promise.all([ingest(source), ingest(source), ingest(source)]);
    expect(runs.reduce((total, run) => total + sum(run, 'inserted'), 0)).toBe(500);
    for (const run of runs) expect(sum(run, 'inserted') + sum(run, 'alreadyPresent')).toBe(500);
    expect(await rows(source)).toHaveLength(500);
  });
});

describe('lines that are no reviews', () => {
  it('are counted, kept with offset and reason, and cost no other line', async () => {
    const bad = Buffer.concat([
      Buffer.from(`\ufeff${review(1)}\r\n\n \t\r\n{"half":\n`),
      Buffer.from([0x7b, 0xff, 0x0a]),
      Buffer.from(
        `${'x'.repeat(1024 * 1024 + 1)}\n${review(2, { asin: 1.5 })}\n${review(3, { price: 1, overall: 7 })}`,
      ),
    ]);
    const source = await upload(bad);
    const [result] = await ingest(source);
    expect(result).toMatchObject({
      done: true,
      lines: 8,
      inserted: 2,
      blank: 2,
      rejected: 4,
      rejectedByReason: {
        'malformed-json': 1,
        'invalid-utf8': 1,
        'line-too-long': 1,
        'wrong-type:asin': 1,
      },
      unknownFields: 1,
      misfits: { overall_rating: 1 },
      recordFormats: { public: 2 },
    });
    const [half, bytes, long, product] = await rejections(source);
    expect(half).toMatchObject({ reason: 'malformed-json', line: '{"half":' });
    expect(bytes).toMatchObject({
      reason: 'invalid-utf8',
      line: Buffer.from([0x7b, 0xff]).toString('base64'),
      lineEncoding: 'base64',
    });
    expect(long).toMatchObject({ reason: 'line-too-long', truncated: true, line: 'x'.repeat(4096) });
    expect(product).toMatchObject({ reason: 'wrong-type:asin' });
    expect(bad.subarray(half?.offset).toString().startsWith('{"half":')).toBe(true);
    expect((await rows(source)).map((row) => row.reviewer_id)).toEqual(['A1', 'A3']);
  });

  it('are written in several objects when there are many', async () => {
    const source = await upload(
      Array.from({ length: 15 }, (_, number) => `${number}${'y'.repeat(400_000)}`).join('\n'),
    );
    const [result] = await ingest(source);
    expect(result?.rejected).toBe(15);
    expect((await rejections(source)).map(({ line }) => Number.parseInt(line, 10))).toEqual(
      Array.from({ length: 15 }, (_, number) => number),
    );
    expect((await s3.list(rejectedKey(source, 0).replace(/\/[^/]*$/, '/'))).length).toBeGreaterThan(1);
  });

  it('alone make a chunk that is done, and the ledger says so', async () => {
    for (const content of ['', '\n\n', 'x\ny']) {
      const source = await upload(content);
      const [result] = await ingest(source);
      expect(result).toMatchObject({ done: true, inserted: 0 });
      const chunks = await mysql.query(`SELECT line_count FROM source_chunks WHERE source_id = x'${source.sourceId}'`);
      expect(chunks).toEqual([{ line_count: result?.lines }]);
    }
  });
});

describe('an invocation that runs out of time', () => {
  it('stops after a batch and is gone on with where it stopped, until all is done', async () => {
    const lines = Array.from({ length: 500 }, (_, number) => (number % 10 === 3 ? 'bad' : review(number)));
    for (const format of ['lines', 'gzip', 'array'] as const) {
      const stored = { lines: lines.join('\n'), gzip: gzipSync(lines.join('\n')), array: `[${lines.join(',\n')}]` }[
        format
      ];
      const source = await upload(stored, { format });
      let progress: ChunkProgress | null = null;
      let invocations = 0;
      do {
        const before: number = progress?.nextOffset ?? -1;
        // From the first look on, less time is left than is kept in reserve.
        let looks = 0;
        const remainingMs = () => (looks++ === 0 ? 60_000 : 9_000);
        progress = await ingestChunk({ source, chunkIndex: 0, progress }, deps({ remainingMs }));
        expect(progress.done || progress.nextOffset > before).toBe(true);
        expect(progress.lines).toBe(progress.inserted + progress.alreadyPresent + progress.rejected + progress.blank);
        invocations += 1;
      } while (!progress.done);
      expect(invocations).toBeGreaterThan(3);
      expect(progress).toMatchObject({ lines: 500, inserted: 450, rejected: 50, ownedFrom: 0 });
      expect(await rows(source)).toHaveLength(450);
      expect((await rejections(source)).map(({ offset }) => offset)).toHaveLength(50);
    }
  });

  it('gets on also where a file has nothing but bad lines', async () => {
    const source = await upload('bad\n'.repeat(100_000));
    let looks = 0;
    const remainingMs = () => (looks++ === 0 ? 60_000 : 9_000);
    const progress = await ingestChunk({ source, chunkIndex: 0, progress: null }, deps({ remainingMs }));
    expect(progress.done).toBe(false);
    expect(progress.nextOffset).toBeGreaterThan(0);
    expect(progress.lines).toBe(progress.rejected);
  });

  it('does nothing for a chunk that is done', async () => {
    const source = await upload(review(1));
    const [done] = await ingest(source);
    expect(await ingestChunk({ source, chunkIndex: 0, progress: done ?? null }, deps())).toEqual(done);
  });
});

describe('a compressed file and a JSON array', () => {
  it('give the same rows as the lines do, keyed by place in the stream or in the array', async () => {
    const lines = Array.from({ length: 120 }, (_, number) => review(number));
    const text = lines.join('\n');
    const whole = await upload(text);
    const gzip = await upload(gzipSync(text), { format: 'gzip' });
    const array = await upload(`[${lines.join(',')}]`, { format: 'array' });
    const gzippedArray = await upload(gzipSync(`\n[${lines.join(',')}]`), { format: 'gzip' });
    for (const source of [whole, gzip, array, gzippedArray]) await ingest(source);
    const expected = offsets(lines).map(({ line, offset }) => expectedRow(line, offset, region));
    const byOrdinal = expected.map((row, ordinal) => ({ ...row, source_offset: String(ordinal) }));
    expect(await rows(whole)).toEqual(expected);
    expect(await rows(gzip)).toEqual(expected);
    expect(await rows(array)).toEqual(byOrdinal);
    expect(await rows(gzippedArray)).toEqual(byOrdinal);
  });

  it('fail the source where they are cut off, corrupt or too large', async () => {
    const gzip = gzipSync('x\n'.repeat(10_000));
    const corrupt = Buffer.from(gzip);
    corrupt.fill(0, 20, 24);
    for (const [content, format] of [
      [gzip.subarray(0, -4), 'gzip'],
      [corrupt, 'gzip'],
      [`[${review(1)}`, 'array'],
    ] as const) {
      await expect(ingest(await upload(content, { format }))).rejects.toThrow(InvalidInputError);
    }
    const bomb = await upload(gzip, { format: 'gzip' });
    await expect(ingest(bomb, { maxDecompressedBytes: 19_999 })).rejects.toThrow(InvalidInputError);
    expect(await ingest(bomb, { maxDecompressedBytes: 20_000 })).toMatchObject([{ done: true, rejected: 10_000 }]);
  });
});

describe('a chunk is not called done', () => {
  it('if the object has changed or is gone', async () => {
    const source = await upload(review(1));
    await s3.put(source.key, review(2));
    await expect(ingest(source)).rejects.toThrow(SourceChangedError);
    await expect(ingest({ ...source, key: 'book-review/reviews/none' })).rejects.toThrow(SourceChangedError);
    expect(await rows(source)).toEqual([]);
  });

  it('if written rows cannot be read', async () => {
    const source = await upload(review(1));
    // A session whose reads come from a replica that has nothing yet.
    const openSession = async () => {
      const session = await mysql.openSession();
      return {
        ...session,
        run: async <Result>(sql: string, timeoutMs: number) =>
          String(sql).startsWith('SELECT COUNT') ? ([{ reviews: 0 }] as Result) : session.run<Result>(sql, timeoutMs),
      };
    };
    const startedAt = Date.now();
    const remainingMs = () => 5_000 - (Date.now() - startedAt);
    await expect(ingest(source, { openSession, remainingMs })).rejects.toThrow(IncompleteIngestError);
  });

  it('but waits for rows that come late', async () => {
    const source = await upload(review(1));
    let counts = 0;
    const openSession = async () => {
      const session = await mysql.openSession();
      return {
        ...session,
        run: async <Result>(sql: string, timeoutMs: number) => {
          if (String(sql).startsWith('SELECT COUNT') && counts++ < 3) return [{ reviews: 0 }] as Result;
          return session.run<Result>(sql, timeoutMs);
        },
      };
    };
    expect((await ingest(source, { openSession }))[0]).toMatchObject({ done: true, inserted: 1 });
  });
});

describe('a fault of the database', () => {
  it('loses and doubles no line in the middle of a chunk', async () => {
    const lines = Array.from({ length: 2_000 }, (_, number) => review(number));
    const source = await upload(lines.join('\n'));
    let statements = 0;
    // Every fifth statement is sent, and its session is killed before the answer can be used.
    const openSession = async () => {
      const session = await mysql.openSession();
      const [row] = await session.run<{ id: number }[]>('SELECT CONNECTION_ID() AS id', 5_000);
      return {
        ...session,
        run: async <Result>(sql: string, timeoutMs: number) => {
          statements += 1;
          const fault = statements % 5 === 0;
          const result = await session.run<Result>(sql, timeoutMs);
          if (!fault) return result;
          await mysql.query(`KILL ${row?.id}`);
          return session.run<Result>('SELECT 1', timeoutMs);
        },
      };
    };
    const [result] = await ingest(source, { openSession });
    expect(result).toMatchObject({ done: true, lines: 2_000, rejected: 0 });
    expect((result?.inserted ?? 0) + (result?.alreadyPresent ?? 0)).toBe(2_000);
    expect(await rows(source)).toHaveLength(2_000);
  });
});
