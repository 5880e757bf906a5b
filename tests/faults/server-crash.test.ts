// The database server is killed in the middle of a chunk, without any warning, and started again.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IngestDependencies, ingestChunk } from '../../functions/db-processing/ingest-chunk.ts';
import type { ChunkProgress } from '../../functions/shared/contract.ts';
import { TransientDatabaseError } from '../../functions/shared/errors.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { startDurableMysql } from '../../local/database/single-server.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';
import { makeSource } from '../support/sources.ts';

let mysql: Awaited<ReturnType<typeof startDurableMysql>>;
let s3: S3Server;
beforeAll(async () => {
  [mysql, s3] = await Promise.all([startDurableMysql(), startS3Server()]);
  await migrate(mysql.openSession);
});
afterAll(async () => {
  await s3?.stop();
  await mysql?.stop();
});

describe('a server that is killed with -9 while a chunk is ingested', () => {
  it('costs no row that it had acknowledged, and the chunk is completed by its retries', async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) => `{"reviewerID":"A${n}","asin":"B1","summary":"no. ${n}"}\n`);
    const bytes = Buffer.from(lines.join(''));
    const key = 'book-review/reviews/crash.json';
    const { etag } = await s3.put(key, bytes);
    const source = makeSource({ key, etag, sizeBytes: bytes.length, chunkBytes: bytes.length });
    let statements = 0;
    let crashes = 0;
    const openSession = async () => {
      const session = await mysql.openSession();
      return {
        ...session,
        run: async <Result>(sql: Parameters<typeof session.run>[0], timeoutMs: number) => {
          statements += 1;
          if (statements === 20) {
            crashes += 1;
            void mysql.crash().then(mysql.restart);
          }
          return session.run<Result>(sql, timeoutMs);
        },
      };
    };
    const deps: IngestDependencies = {
      s3: s3.client,
      bucket: s3.bucket,
      region: 'us-east-1',
      openSession,
      connections: 4,
      batchRows: 50,
      maxDecompressedBytes: 1024 ** 3,
      maxRejectedPercent: 50,
      sameContent: 'add',
      remainingMs: () => 60_000,
    };
    let result: ChunkProgress | undefined;
    let failures = 0;
    // As the state machine does.
    for (; !result && failures < 6; failures += 1) {
      result = await ingestChunk({ source, chunkIndex: 0, progress: null }, deps).catch((error: Error) => {
        expect(error).toBeInstanceOf(TransientDatabaseError);
        return undefined;
      });
    }
    expect(crashes).toBe(1);
    expect(result).toMatchObject({ done: true, lines: 3_000, rejected: 0 });
    expect((result?.inserted ?? 0) + (result?.alreadyPresent ?? 0)).toBe(3_000);
    const session = await mysql.openSession();
    const [row] = await session.run<{ n: number; offsets: number }[]>(
      'SELECT COUNT(*) AS n, COUNT(DISTINCT source_offset) AS offsets FROM book_reviews',
      10_000,
    );
    await session.close();
    expect([Number(row?.n), Number(row?.offsets)]).toEqual([3_000, 3_000]);
  });
});
