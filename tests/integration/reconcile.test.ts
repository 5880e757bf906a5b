import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { listSources } from '../../functions/preprocess/list-sources.ts';
import { contentChecksum, sourceIdOf } from '../../functions/preprocess/source-id.ts';
import type { Source } from '../../functions/shared/contract.ts';
import { completedKey, reportKey } from '../../functions/shared/keys.ts';
import { reconcile } from '../../operations/reconcile/find-short-sources.ts';
import { keepLog } from '../support/log.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';

const region = 'us-east-1';
const bucketOfPeer = 'book-reviews-peer';
const key = 'book-review/reviews/us-east-1/a.json';
const content = '{"reviewerID":"A1","asin":"B1"}\n'.repeat(10);

describe('reconcile', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterEach(async () => {
    for (const each of await server.list('')) await server.remove(each);
  });
  afterAll(() => server.stop());

  const plan = async () => {
    const settings = { bucket: server.bucket, chunkBytes: 1_000, pageKeys: 200 };
    return (await listSources({}, settings, { s3: server.client, log: keepLog() })).sources;
  };

  /** A source of ten rows that was completed, with its report; `overrides`: of its identity. */
  async function complete(overrides: { originBucket?: string; completedIn?: string } = {}): Promise<Source> {
    await server.put(key, content);
    const [own] = await plan();
    await server.remove(key);
    const source = { ...(own as Source), ...(overrides.originBucket && (await asOf(overrides.originBucket))) };
    const movedTo = completedKey(source);
    const metadata = { 'source-id': source.sourceId, 'origin-bucket': source.originBucket };
    await server.client.send(
      new PutObjectCommand({ Bucket: server.bucket, Key: movedTo, Body: content, Metadata: metadata }),
    );
    const report = { outcome: 'completed', region: overrides.completedIn ?? region, source, movedTo };
    await server.put(reportKey(source), JSON.stringify({ ...report, totals: { inserted: 4, alreadyPresent: 6 } }));
    return source;
  }

  /** The identity that a takeover gives. */
  async function asOf(originBucket: string): Promise<Pick<Source, 'sourceId' | 'originBucket'>> {
    await server.put(key, content);
    const head = await server.client.send(
      new HeadObjectCommand({ Bucket: server.bucket, Key: key, ChecksumMode: 'ENABLED' }),
    );
    await server.remove(key);
    const checksum = contentChecksum(head);
    return { originBucket, sourceId: sourceIdOf({ originBucket, key, sizeBytes: content.length, checksum }) };
  }

  const run = async (rows: number, options: { replay?: boolean; lostBucket?: string } = {}) => {
    const said: string[] = [];
    const { short, completed } = await reconcile(
      { region, bucket: server.bucket, replay: true, ...options },
      {
        s3: server.client,
        countRows: async (ids) => Object.fromEntries(ids.map((id) => [id, rows])),
        say: (line) => said.push(line),
      },
    );
    expect(completed).toBe(1);
    expect(said).toHaveLength(short.length);
    return short.map(({ outcome, found, reported }) => `${outcome} ${found}/${reported}`);
  };
  const pending = () => server.list('book-review/reviews/');

  it('touches nothing where all rows are there, or where it is only to find', async () => {
    await complete();
    expect(await run(10)).toEqual([]);
    expect(await run(9, { replay: false })).toEqual(['short 9/10']);
    expect(await pending()).toEqual([]);
  });

  it('puts a short source back under its own name, as the same source', async () => {
    const source = await complete();
    expect(await run(9)).toEqual(['replayed 9/10']);
    expect(await plan()).toMatchObject([{ key, sourceId: source.sourceId, originBucket: server.bucket }]);
  });

  it('puts back what a takeover here completed, and it is known as the source of the peer', async () => {
    const source = await complete({ originBucket: bucketOfPeer });
    expect(await run(0)).toEqual(['replayed 0/10']);
    expect(await plan()).toMatchObject([{ key, sourceId: source.sourceId, originBucket: bucketOfPeer }]);
  });

  it('leaves to the peer what that completed, unless its bucket is named as that of a Region that stays lost', async () => {
    const source = await complete({ originBucket: bucketOfPeer, completedIn: 'us-east-2' });
    expect(await run(0)).toEqual(['of-peer 0/10']);
    expect(await run(0, { lostBucket: 'another' })).toEqual(['of-peer 0/10']);
    expect(await pending()).toEqual([]);
    expect(await run(0, { lostBucket: bucketOfPeer })).toEqual(['replayed 0/10']);
    expect(await plan()).toMatchObject([{ sourceId: source.sourceId, originBucket: bucketOfPeer }]);
  });

  it('never puts back what would count as another source: its rows would stand there twice', async () => {
    const source = await complete();
    await server.put(completedKey(source), `${content}\n`);
    expect(await run(9)).toEqual(['other-source 9/10']);
    expect(await pending()).toEqual([]);
  });

  it('leaves alone what is pending under that name, and says where the file is gone', async () => {
    const source = await complete();
    await server.put(key, 'newer');
    expect(await run(9)).toEqual(['name-taken 9/10']);
    expect(await server.read(key)).toBe('newer');
    await server.remove(completedKey(source));
    expect(await run(9)).toEqual(['file-missing 9/10']);
  });
});
