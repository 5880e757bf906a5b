import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { listSources } from '../../functions/preprocess/list-sources.ts';
import { checksumByS3 } from '../../functions/shared/checksum.ts';
import type { Source } from '../../functions/shared/contract.ts';
import { completedKey, failedKey, reportKey } from '../../functions/shared/keys.ts';
import { sourceIdOf } from '../../functions/shared/source-id.ts';
import { type ReconcileOptions, reconcile } from '../../operations/reconcile/find-short-sources.ts';
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
    const settings = { bucket: server.bucket, chunkBytes: 1_000, chunkConcurrency: 4, pageKeys: 200 };
    return (await listSources({}, settings, { s3: server.client, log: keepLog() })).sources as Source[];
  };

  interface Filed {
    originBucket?: string;
    region?: string;
    outcome?: 'completed' | 'failed';
    /** What an earlier version knew the upload by. Its report holds no checksum. */
    former?: string;
  }

  /** A source of ten rows, with its report. */
  async function file({
    originBucket = server.bucket,
    region: filedIn = region,
    outcome = 'completed',
    ...rest
  }: Filed = {}) {
    await server.put(key, content);
    const head = await server.client.send(
      new HeadObjectCommand({ Bucket: server.bucket, Key: key, ChecksumMode: 'ENABLED' }),
    );
    await server.remove(key);
    const checksum = checksumByS3(head) ?? '';
    const source = {
      key,
      originBucket,
      sizeBytes: content.length,
      sourceId: sourceIdOf({ originBucket, key, sizeBytes: content.length, checksum: rest.former ?? checksum }),
      ...(rest.former === undefined && { checksum }),
    };
    const movedTo = outcome === 'completed' ? completedKey(source) : failedKey(source);
    const Metadata = { 'source-id': source.sourceId, 'origin-bucket': originBucket };
    await server.client.send(new PutObjectCommand({ Bucket: server.bucket, Key: movedTo, Body: content, Metadata }));
    const totals = outcome === 'completed' ? { inserted: 4, alreadyPresent: 6 } : null;
    await server.put(reportKey(source), JSON.stringify({ outcome, region: filedIn, source, movedTo, totals }));
    return source;
  }

  /** `rows`: of each source; undefined if the sources were withdrawn. */
  const run = async (rows: number | undefined, options: Partial<ReconcileOptions> = {}) => {
    const said: string[] = [];
    const { short } = await reconcile(
      { region, bucket: server.bucket, replay: true, ...options },
      {
        s3: server.client,
        countRows: async (ids) => (rows === undefined ? {} : Object.fromEntries(ids.map((id) => [id, rows]))),
        say: (line) => said.push(line),
      },
    );
    expect(said).toHaveLength(short.length);
    return short.map(({ outcome, found, reported }) => `${outcome} ${found}/${reported}`);
  };
  const pending = () => server.list('book-review/reviews/');

  it('touches nothing where all rows are there, or where it is only to find', async () => {
    await file();
    expect(await run(10)).toEqual([]);
    expect(await run(9, { replay: false })).toEqual(['short 9/10']);
    expect(await pending()).toEqual([]);
  });

  it('leaves alone a source that the database calls withdrawn', async () => {
    await file();
    expect(await run(undefined)).toEqual([]);
    expect(await pending()).toEqual([]);
  });

  it('puts a short source back under its own name, as the same source', async () => {
    const source = await file();
    expect(await run(9)).toEqual(['replayed 9/10']);
    expect(await plan()).toMatchObject([{ key, sourceId: source.sourceId, originBucket: server.bucket }]);
  });

  it('puts back what a takeover here completed, and it is known as the source of the peer', async () => {
    const source = await file({ originBucket: bucketOfPeer });
    expect(await run(0)).toEqual(['replayed 0/10']);
    expect(await plan()).toMatchObject([{ key, sourceId: source.sourceId, originBucket: bucketOfPeer }]);
  });

  it('leaves to the peer what that completed, unless its bucket is named as that of a Region that stays lost', async () => {
    const source = await file({ originBucket: bucketOfPeer, region: 'us-east-2' });
    expect(await run(0)).toEqual(['of-peer 0/10']);
    expect(await run(0, { lostBucket: 'another' })).toEqual(['of-peer 0/10']);
    expect(await pending()).toEqual([]);
    expect(await run(0, { lostBucket: bucketOfPeer })).toEqual(['replayed 0/10']);
    expect(await plan()).toMatchObject([{ sourceId: source.sourceId, originBucket: bucketOfPeer }]);
  });

  it('puts back what has another checksum than its upload had, as a copy of an upload in parts, as the same source', async () => {
    const source = await file({ former: 'etag:"0123456789abcdef0123456789abcdef-3"' });
    expect(await run(9)).toEqual(['replayed 9/10']);
    expect(await plan()).toMatchObject([{ sourceId: source.sourceId, originBucket: server.bucket }]);
  });

  it.each(['completed', 'failed'] as const)(
    'puts back a %s file that is asked for, as the same source',
    async (outcome) => {
      const source = await file({ outcome, former: 'etag:"0123456789abcdef0123456789abcdef-3"' });
      expect(await run(10)).toEqual([]);
      expect(await run(10, { file: `${key}.other` })).toEqual([]);
      expect(await run(10, { file: key, replay: false })).toEqual([]);
      expect(await pending()).toEqual([]);
      expect(await run(10, { file: key })).toEqual([`replayed 10/${outcome === 'completed' ? 10 : 0}`]);
      expect(await plan()).toMatchObject([{ key, sourceId: source.sourceId }]);
    },
  );

  it('finds the report of a file whose name is so long that the report has a shorter one', async () => {
    const long = `book-review/reviews/${'x'.repeat(1_000)}`;
    const source = { key: long, originBucket: server.bucket, sizeBytes: content.length, sourceId: 'a'.repeat(32) };
    const movedTo = completedKey(source);
    const report = { outcome: 'completed', region, source, movedTo, totals: { inserted: 4, alreadyPresent: 6 } };
    await server.put(reportKey(source), JSON.stringify(report));
    expect(await run(10, { file: long })).toEqual(['file-missing 10/10']);
  });

  it('leaves a withdrawn file alone, also where it is asked for by its name', async () => {
    const source = await file();
    const report = JSON.parse((await server.read(reportKey(source))) ?? '');
    await server.put(reportKey(source), JSON.stringify({ ...report, outcome: 'withdrawn' }));
    expect(await run(0)).toEqual([]);
    expect(await run(0, { file: key })).toEqual([]);
    expect(await pending()).toEqual([]);
  });

  it('never puts back what would count as another source: its rows would stand there twice', async () => {
    const source = await file();
    await server.put(completedKey(source), `${content}\n`);
    expect(await run(9)).toEqual(['other-source 9/10']);
    expect(await pending()).toEqual([]);
  });

  it('leaves alone what is pending under that name, and says where the file is gone', async () => {
    const source = await file();
    await server.put(key, 'newer');
    expect(await run(9)).toEqual(['name-taken 9/10']);
    expect(await server.read(key)).toBe('newer');
    await server.remove(completedKey(source));
    expect(await run(9)).toEqual(['file-missing 9/10']);
  });
});
