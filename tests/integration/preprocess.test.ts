import { gzipSync } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ListSettings, listSources } from '../../functions/preprocess/list-sources.ts';
import { contentChecksum } from '../../functions/preprocess/source-id.ts';
import type { Page, PreprocessInput } from '../../functions/shared/contract.ts';
import { keepLog } from '../support/log.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';
import { makeQueueRecord } from '../support/sources.ts';

const prefix = 'book-review/reviews/';
const line = '{"reviewerID":"A1","asin":"B1"}\n';

describe('preprocess', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterEach(async () => {
    for (const key of await server.list('')) await server.remove(key);
  });
  afterAll(() => server.stop());

  const list = (
    input: PreprocessInput,
    overrides: Partial<ListSettings> = {},
    s3: Pick<S3Client, 'send'> = server.client,
  ) =>
    listSources(
      input,
      { bucket: server.bucket, chunkBytes: 50, chunkConcurrency: 4, pageKeys: 200, ...overrides },
      { s3, log: keepLog() },
    );

  /** Every page of a drain, as the state machine would go through them. */
  async function drain(overrides: Partial<ListSettings> = {}): Promise<Page[]> {
    const pages = [await list({}, overrides)];
    while (pages.length < 50) {
      const cursor = pages.at(-1)?.cursor;
      if (cursor === null || cursor === undefined) break;
      pages.push(await list({ cursor }, overrides));
    }
    return pages;
  }

  /** A client to which S3 answers a HEAD as it would for an object in another state than this server knows. */
  const answeringHead = (extra: Record<string, unknown>) =>
    ({
      send: async (command: unknown) => {
        const output = await server.client.send(command as GetObjectCommand);
        return command instanceof HeadObjectCommand ? { ...output, ...extra } : output;
      },
    }) as Pick<S3Client, 'send'>;

  it('plans the source that an event names, even a lone one', async () => {
    const key = `${prefix}a.json`;
    const { etag } = await server.put(key, line.repeat(4));
    const page = await list([makeQueueRecord(key)]);
    expect(page).toEqual({
      sources: [
        {
          sourceId: expect.stringMatching(/^[0-9a-f]{32}$/),
          originBucket: server.bucket,
          key,
          etag,
          sizeBytes: 128,
          format: 'lines',
          chunkBytes: 43,
          chunkCount: 3,
        },
      ],
      dropped: {},
      cursor: null,
    });
  });

  it('sniffs the format from the content, whatever the name says', async () => {
    const contents = { 'a.json': gzipSync(line), 'b.gz': line, 'c.json': `[${line}]`, 'd.json': '', 'e.json': '[' };
    for (const [name, content] of Object.entries(contents)) await server.put(prefix + name, content);
    const { sources } = await list({});
    expect(sources.map(({ format, chunkCount }) => [format, chunkCount])).toEqual([
      ['gzip', 1],
      ['lines', 1],
      ['array', 1],
      ['lines', 1],
      ['array', 1],
    ]);
  });

  it.each([
    ['a space', 'a b.json'],
    ['a percent sign', '100%25.json'],
    ['a plus sign', 'a+b.json'],
    ['unicode', 'ünï/コ/🙂.json'],
    ['characters of URLs and XML', `q?x=1&y#z<'">(!*).json`],
    ['1,024 bytes', `${'é'.repeat(499)}.json`.padEnd(505, 'x')],
  ])('takes a key with %s, by event and by drain', async (_, name) => {
    const key = prefix + name;
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
    await server.put(key, line);
    const [byEvent, byDrain] = [await list([makeQueueRecord(key)]), await list({})];
    expect(byEvent.sources.map((source) => source.key)).toEqual([key]);
    expect(byDrain.sources).toEqual(byEvent.sources);
  });

  it('gives the same content the same id when it is uploaded again, and other content another', async () => {
    const key = `${prefix}a.json`;
    const planned = async (content: string) => {
      await server.put(key, content);
      return (await list([{ key }])).sources[0]?.sourceId;
    };
    const id = await planned(line);
    expect(await planned(line)).toBe(id);
    expect(await planned(line.replace('A1', 'A2'))).not.toBe(id);
  });

  describe('of an object that is put back', () => {
    const key = `${prefix}us-east-1/a.json`;
    const putBack = async (body: string, Metadata: Record<string, string>) => {
      await server.client.send(new PutObjectCommand({ Bucket: server.bucket, Key: key, Body: body, Metadata }));
      return (await list([{ key }])).sources[0];
    };

    it('says that it is the source of the peer that a takeover made of it, where that fits its content', async () => {
      await server.put(key, line);
      const [own] = (await list([{ key }])).sources;
      const takeover = { takeover: { originBucket: 'bucket-of-peer' } };
      const [taken] = (await list(takeover, {}, answeringHead({ ReplicationStatus: 'REPLICA' }))).sources;
      expect(taken?.sourceId).not.toBe(own?.sourceId);
      const metadata = { 'source-id': taken?.sourceId ?? '', 'origin-bucket': 'bucket-of-peer' };
      expect(await putBack(line, metadata)).toEqual(taken);
      expect(await putBack(line, { 'origin-bucket': 'bucket-of-peer' })).toEqual(own);
      expect(await putBack(line, { ...metadata, 'origin-bucket': 'bucket-of-another' })).toEqual(own);
      expect(await putBack(line.repeat(2), metadata)).toMatchObject({ originBucket: server.bucket });
      expect(await putBack(line, { 'source-id': own?.sourceId ?? '', 'origin-bucket': server.bucket })).toEqual(own);
    });

    it('says so too where a copy got another checksum than the upload had, and not of other content', async () => {
      await server.put(key, line);
      const head = new HeadObjectCommand({ Bucket: server.bucket, Key: key, ChecksumMode: 'ENABLED' });
      const checksum = contentChecksum(await server.client.send(head));
      const identity = { sourceId: 'f'.repeat(32), originBucket: 'bucket-of-peer' };
      const metadata = {
        'source-id': identity.sourceId,
        'origin-bucket': identity.originBucket,
        'filed-checksum': checksum,
      };
      expect(await putBack(line, metadata)).toMatchObject(identity);
      expect(await putBack(line.repeat(2), metadata)).toMatchObject({ originBucket: server.bucket });
      expect(await putBack(line, { ...metadata, 'source-id': 'none' })).toMatchObject({ originBucket: server.bucket });
    });
  });

  it('drops what is no source, each with its reason, and takes what is beside it', async () => {
    const key = `${prefix}a.json`;
    await server.put(key, line);
    const page = await list([
      makeQueueRecord(key),
      makeQueueRecord(`${prefix}gone.json`),
      makeQueueRecord(`${prefix}folder/`),
      makeQueueRecord('book-review/completed/a.json'),
      makeQueueRecord(key, 'another-bucket'),
      { body: 'nothing to read', messageId: 'm-1' },
    ]);
    expect(page.sources.map((source) => source.key)).toEqual([key]);
    expect(page.dropped).toEqual({ gone: 1, folder: 1, 'outside-prefix': 1, 'other-bucket': 1, 'unreadable-event': 1 });
  });

  it('tells of each drop in the log, with key or message id', async () => {
    const log = keepLog();
    const settings = { bucket: server.bucket, chunkBytes: 50, chunkConcurrency: 4, pageKeys: 200 };
    await listSources([{ key: `${prefix}gone.json` }, { body: '', messageId: 'm-1' }], settings, {
      s3: server.client,
      log,
    });
    expect(log.lines.map(({ values }) => values)).toEqual([
      { reason: 'unreadable-event', messageId: 'm-1' },
      { reason: 'gone', key: `${prefix}gone.json` },
    ]);
  });

  it.each([
    ['replica', { ReplicationStatus: 'REPLICA' }],
    ['not-readable-yet', { StorageClass: 'GLACIER' }],
    ['not-readable-yet', { StorageClass: 'DEEP_ARCHIVE', Restore: 'ongoing-request="true"' }],
    ['not-readable-yet', { StorageClass: 'INTELLIGENT_TIERING', ArchiveStatus: 'ARCHIVE_ACCESS' }],
  ])('drops as %s an object of which S3 says %j', async (reason, head) => {
    await server.put(`${prefix}a.json`, line);
    expect(await list({}, {}, answeringHead(head))).toEqual({ sources: [], dropped: { [reason]: 1 }, cursor: null });
  });

  it.each([
    { ReplicationStatus: 'COMPLETED' },
    { StorageClass: 'GLACIER_IR' },
    { StorageClass: 'GLACIER', Restore: 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT"' },
  ])('takes an object of which S3 says %j', async (head) => {
    await server.put(`${prefix}a.json`, line);
    expect((await list({}, {}, answeringHead(head))).sources).toHaveLength(1);
  });

  it('drops as not readable yet, and takes what is beside it, where only reading tells that an object is archived', async () => {
    await server.put(`${prefix}archived.json`, line);
    await server.put(`${prefix}b.json`, line);
    const archived = { name: 'InvalidObjectState', $metadata: { httpStatusCode: 403 } };
    const s3 = {
      send: async (command: GetObjectCommand) => {
        const isRead = command instanceof GetObjectCommand && command.input.Key === `${prefix}archived.json`;
        if (isRead) throw Object.assign(new Error(), archived);
        return server.client.send(command);
      },
    } as Pick<S3Client, 'send'>;
    const { sources, dropped } = await list({}, {}, s3);
    expect(sources.map(({ key }) => key)).toEqual([`${prefix}b.json`]);
    expect(dropped).toEqual({ 'not-readable-yet': 1 });
  });

  it('looks again at an object that is overwritten while it looks', async () => {
    const key = `${prefix}a.json`;
    await server.put(key, line);
    let overwritten = false;
    const s3 = {
      send: async (command: unknown) => {
        if (command instanceof GetObjectCommand && !overwritten) {
          overwritten = true;
          await server.put(key, `[${line}]`);
        }
        return server.client.send(command as GetObjectCommand);
      },
    } as Pick<S3Client, 'send'>;
    const { sources } = await list([{ key }], {}, s3);
    expect(sources).toMatchObject([{ key, format: 'array', sizeBytes: 34 }]);
  });

  it('drains page by page and sees each key once, although nothing is ever moved', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `${prefix}reviews-${index}.json`);
    for (const key of names) await server.put(key, line);
    await server.put(`${prefix}reviews-3/`, '');
    const pages = await drain({ pageKeys: 3 });
    expect(pages.map((page) => page.sources.length)).toEqual([3, 2, 2]);
    expect(pages.flatMap((page) => page.sources.map(({ key }) => key))).toEqual(names);
    expect(pages.map(({ dropped }) => dropped.folder ?? 0)).toEqual([0, 1, 0]);
    expect(pages.map(({ cursor }) => cursor)).toEqual([names[2], names[4], null]);
  });

  it('leaves what was just uploaded to its event in a drain by schedule, on every page, and to none in one by hand', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `${prefix}reviews-${index}.json`);
    for (const key of names) await server.put(key, line);
    const settings = { bucket: server.bucket, chunkBytes: 50, chunkConcurrency: 4, pageKeys: 3 };
    const log = keepLog();
    const drainAfter = async (seconds: number, input: PreprocessInput) => {
      const now = () => new Date(Date.now() + seconds * 1000);
      const pages: Page[] = [];
      for (let next: PreprocessInput | null = input; next !== null; ) {
        const page: Page = await listSources(next, settings, { s3: server.client, log, now });
        pages.push(page);
        next = page.cursor === null ? null : { cursor: page.cursor };
      }
      return pages;
    };
    const byHand = await drainAfter(0, {});
    expect(byHand.flatMap(({ sources }) => sources.map(({ key }) => key))).toEqual(names);
    const early = await drainAfter(290, { minAgeSeconds: 300 });
    expect(early.map(({ sources, dropped }) => [sources.length, dropped])).toEqual([
      [0, { 'too-fresh': 3 }],
      [0, { 'too-fresh': 3 }],
      [0, { 'too-fresh': 1 }],
    ]);
    expect(log.lines).toEqual([]);
    const late = await drainAfter(310, { minAgeSeconds: 300 });
    expect(late.flatMap(({ sources }) => sources)).toEqual(byHand.flatMap(({ sources }) => sources));
  });

  it('ends a drain that finds nothing, or whose last page is empty', async () => {
    expect(await drain()).toEqual([{ sources: [], dropped: {}, cursor: null }]);
    await server.put(`${prefix}a.json`, line);
    expect(await list({ cursor: `${prefix}a.json` })).toEqual({ sources: [], dropped: {}, cursor: null });
    expect((await list([])).sources).toHaveLength(1);
  });

  it('cuts a page that would be too large for a state, and goes on behind its last source', async () => {
    const names = Array.from(
      { length: 30 },
      (_, index) => `${prefix}${String(index).padStart(2, '0')}${'x'.repeat(900)}`,
    );
    for (const key of names) await server.put(key, line);
    await server.put(`${prefix}05/`, '');
    const pages = await drain({ pageBytes: 20_000 });
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThanOrEqual(20_000);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap((page) => page.sources.map(({ key }) => key))).toEqual(names);
    expect(pages.reduce((sum, { dropped }) => sum + (dropped.folder ?? 0), 0)).toBe(1);
  });

  it('leaves pending, counted, what a batch names beyond a page', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `${prefix}${index}${'x'.repeat(900)}`);
    for (const key of names) await server.put(key, line);
    const page = await list(
      names.map((key) => ({ key })),
      { pageBytes: 20_000 },
    );
    expect(page.cursor).toBeNull();
    expect(page.sources.length + (page.dropped['page-full'] ?? 0)).toBe(30);
    expect(page.dropped['page-full']).toBeGreaterThan(0);
  });

  it('is a wrong deployment when there is no such bucket, and a passing failure when S3 does not answer', async () => {
    await expect(list({}, { bucket: 'missing' })).rejects.toMatchObject({ name: 'ConfigurationError' });
    const busy = {
      send: () => Promise.reject(Object.assign(new Error(), { name: 'SlowDown', $metadata: { httpStatusCode: 503 } })),
    };
    await expect(list({}, {}, busy as unknown as S3Client)).rejects.toMatchObject({ name: 'TransientStorageError' });
  });
});
