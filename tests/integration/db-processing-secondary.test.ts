import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { ingestChunk } from '../../functions/db-processing/ingest-chunk.ts';
import type { ChunkTask } from '../../functions/shared/contract.ts';
import { createSessionOpener, type Session } from '../../functions/shared/mysql.ts';
import { type GlobalDatabase, startGlobalDatabase } from '../../local/database/global-database.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { fixedCredentials } from '../../local/database/single-server.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';
import { makeSource } from '../support/sources.ts';

const primary = 'us-east-1';
const secondary = 'us-west-2';
const lagMs = 300;
let pair: GlobalDatabase;
let s3: S3Server;
beforeAll(async () => {
  pair = await startGlobalDatabase({
    regions: { primary, secondary },
    rttMs: 12,
    lagMs: 0,
    label: 'db-processing-test',
  });
  s3 = await startS3Server();
});
afterAll(async () => {
  await s3?.stop();
  await pair?.stop();
});

function opener(region: string, as: 'application' | 'admin' = 'application'): () => Promise<Session> {
  const { writerEndpoint, readerEndpoint } = pair.regions[region] as GlobalDatabase['regions'][string];
  const { user, password } = pair.users[as];
  const endpoint = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;
  return createSessionOpener(
    {
      database: pair.database,
      writerEndpoint: endpoint(writerEndpoint),
      readerEndpoint: endpoint(readerEndpoint),
      caPem: pair.certificateAuthorityPem,
    },
    fixedCredentials({ username: user, password }),
  );
}

async function task(sourceId: string, lines: number): Promise<ChunkTask> {
  const bytes = Buffer.from(
    Array.from({ length: lines }, (_, n) => `{"reviewerID":"A${n}","asin":"B1","reviewText":"text ${n}"}\n`).join(''),
  );
  const key = `book-review/reviews/${sourceId}.json`;
  const { etag } = await s3.put(key, bytes);
  const source = makeSource({ key, etag, sourceId, sizeBytes: bytes.length, chunkBytes: bytes.length });
  return { source, chunkIndex: 0, progress: null };
}

const ingest = (chunk: ChunkTask, region: string) =>
  ingestChunk(chunk, {
    s3: s3.client,
    bucket: s3.bucket,
    region,
    openSession: opener(region),
    connections: 4,
    batchRows: 100,
    maxDecompressedBytes: 1024 ** 3,
    maxRejectedPercent: 50,
    sameContent: 'add',
    remainingMs: () => 60_000,
  });

/** Rows of a source as the server itself has them, past the front and its waits. */
async function countAt(server: 'primary' | 'replica', sourceId: string): Promise<number> {
  const { host, port } = pair.direct[server];
  const root = await createConnection({
    host,
    port,
    user: 'root',
    password: pair.direct.rootPassword,
    database: pair.database,
  });
  const [rows] = await root.query(`SELECT COUNT(*) AS reviews FROM book_reviews WHERE source_id = x'${sourceId}'`);
  await root.end();
  return (rows as { reviews: number }[])[0]?.reviews ?? Number.NaN;
}

describe('in a pair of Regions', () => {
  it('migrate refuses the secondary, and the schema reaches it from the primary', async () => {
    await expect(migrate(opener(secondary, 'admin'))).rejects.toThrow(/this Region is secondary/);
    expect((await migrate(opener(primary, 'admin'))).applied).not.toEqual([]);
  });

  it('a session has the role of its Region, and forwards writes in the secondary only', async () => {
    const consistency = async (region: string) => {
      const session = await opener(region)();
      const [row] = await session
        .run<{ set_: string }[]>('SELECT @@aurora_replica_read_consistency AS set_', 5_000)
        .catch(() => [{ set_: 'unknown' }]);
      await session.close();
      return [session.role, row?.set_.toLowerCase()];
    };
    expect(await consistency(secondary)).toEqual(['secondary', 'session']);
    expect((await consistency(primary))[0]).toBe('primary');
  });

  it('a chunk ingested in the secondary is readable there when it is done, however far replication lags', async () => {
    const chunk = await task('11111111111111111111111111111111', 1_000);
    // Lets the schema arrive first.
    await ingest(await task('00000000000000000000000000000000', 1), secondary);
    pair.setLagMs(lagMs);
    const result = await ingest(chunk, secondary);
    expect(result).toMatchObject({ done: true, lines: 1_000, inserted: 1_000 });
    expect(await countAt('replica', chunk.source.sourceId)).toBe(1_000);
    expect(await countAt('primary', chunk.source.sourceId)).toBe(1_000);
  });

  it('a chunk whose rows are on the primary already is not called done before they have arrived', async () => {
    pair.setLagMs(lagMs);
    const chunk = await task('22222222222222222222222222222222', 500);
    await ingest(chunk, primary);
    // Nothing is inserted, so there is no transaction that a session could wait for.
    const startedWith = await countAt('replica', chunk.source.sourceId);
    const result = await ingest(chunk, secondary);
    expect(startedWith).toBe(0);
    expect(result).toMatchObject({ done: true, inserted: 0, alreadyPresent: 500 });
    expect(await countAt('replica', chunk.source.sourceId)).toBe(500);
  });
});
