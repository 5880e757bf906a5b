import { gzipSync } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checksumRange, identify } from '../../functions/preprocess/checksum-ranges.ts';
import { type ListSettings, listSources } from '../../functions/preprocess/list-sources.ts';
import type { Page, PreprocessInput, Source, UnidentifiedSource } from '../../functions/shared/contract.ts';
import { formerChecksum, sourceIdOf } from '../../functions/shared/source-id.ts';
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
    ) as Promise<Page & { sources: Source[] }>;

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
          checksum: expect.stringMatching(/^crc64nvme:.{11}=$/),
          uploadedAt: expect.stringMatching(/Z$/),
        },
      ],
      dropped: {},
      cursor: null,
    });
  });

  it('sniffs the format from the content, not from the name', async () => {
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

  describe('of an object that was known by another id', () => {
    const key = `${prefix}us-east-1/a.json`;
    const put = async (body: string, Metadata: Record<string, string> = {}) => {
      await server.client.send(new PutObjectCommand({ Bucket: server.bucket, Key: key, Body: body, Metadata }));
      return (await list([{ key }])).sources[0] as Source;
    };
    const report = (source: Partial<Source>) =>
      server.put(
        `book-review/reports/us-east-1/a.json.${source.sourceId}.json`,
        JSON.stringify({ outcome: 'completed', source }),
      );
    const metadataOf = (source: Pick<Source, 'sourceId' | 'originBucket'>) => ({
      'source-id': source.sourceId,
      'origin-bucket': source.originBucket,
    });

    it('believes that it is the source of the peer that a takeover made of it, where its report says so', async () => {
      const own = await put(line);
      const takeover = { takeover: { originBucket: 'bucket-of-peer' } };
      const [taken] = (await list(takeover, {}, answeringHead({ ReplicationStatus: 'REPLICA' }))).sources as [Source];
      expect(taken.sourceId).not.toBe(own.sourceId);
      expect(await put(line, metadataOf(taken))).toMatchObject({ sourceId: own.sourceId });
      await report(taken);
      const { uploadedAt: _, ...identity } = taken;
      expect(await put(line, metadataOf(taken))).toMatchObject(identity);
    });

    it.each([
      ['of another key', { key: `${prefix}us-east-1/b.json` }],
      ['of another size', { sizeBytes: 1 }],
      ['of other content', { checksum: 'crc64nvme:AAAAAAAAAAA=' }],
      ['without a checksum', { checksum: undefined }],
      ['of another bucket', { originBucket: 'bucket-of-another' }],
      ['of another id', { sourceId: 'e'.repeat(32) }],
    ])('never believes metadata against a report %s', async (_, other) => {
      const own = await put(line);
      const victim = { ...own, sourceId: 'f'.repeat(32), originBucket: 'bucket-of-peer' };
      await server.put(
        `book-review/reports/us-east-1/a.json.${victim.sourceId}.json`,
        JSON.stringify({ outcome: 'completed', source: { ...victim, ...other } }),
      );
      expect((await put(line, metadataOf(victim))).sourceId).toBe(own.sourceId);
    });

    it('never believes metadata alone, nor with a checksum that its uploader wrote next to it', async () => {
      const own = await put(line);
      const forged = { ...metadataOf({ sourceId: 'f'.repeat(32), originBucket: 'bucket-of-peer' }) };
      expect((await put(line, forged)).sourceId).toBe(own.sourceId);
      expect((await put(line, { ...forged, 'filed-checksum': own.checksum ?? '' })).sourceId).toBe(own.sourceId);
    });

    it('keeps the id that an earlier version gave the same upload, and its rows carry, where a report has it', async () => {
      const sha256 = { ChecksumSHA256: 'abc=', ChecksumType: 'FULL_OBJECT' } as const;
      const own = await put(line);
      const former = {
        ...own,
        checksum: undefined,
        sourceId: sourceIdOf({ ...own, checksum: formerChecksum({ ...sha256, ETag: own.etag }) }),
      };
      const planned = async () => (await list([{ key }], {}, answeringHead(sha256))).sources[0]?.sourceId;
      expect(await planned()).toBe(own.sourceId);
      await report(former);
      expect(await planned()).toBe(former.sourceId);
      await report({ ...former, sizeBytes: 1 });
      expect(await planned()).toBe(own.sourceId);
      await report({ ...former, checksum: own.checksum });
      expect(await planned()).toBe(former.sourceId);
      await report({ ...former, checksum: 'crc64nvme:AAAAAAAAAAA=' });
      expect(await planned()).toBe(own.sourceId);
    });
  });

  describe('of the same bytes under the same key', () => {
    const key = `${prefix}a.json`;
    const content = Buffer.from(`${line.repeat(40_000)}`.padEnd(6 * 1024 ** 2));
    const crc32 = { ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT', ChecksumCRC64NVME: undefined };
    const composite = { ChecksumCRC32: 'AAAAAA==-2', ChecksumType: 'COMPOSITE', ChecksumCRC64NVME: undefined };
    const none = { ChecksumCRC64NVME: undefined, ChecksumType: undefined };
    const kms = { ServerSideEncryption: 'aws:kms' };
    /** What a HEAD says after the upload by each client. Only the first ones have a checksum that identifies the content. */
    const clients: [string, Record<string, unknown>][] = [
      ['the AWS CLI 2, in one part or many', {}],
      ['a client that sends no checksum', {}],
      ['an SDK, in one part, with CRC32', crc32],
      ['boto3, in parts of 8 MiB, with CRC32', composite],
      ['an SDK, in parts of 5 MiB, with CRC32', { ...composite, ChecksumCRC32: 'BBBBBB==-2' }],
      ['an SDK, with SHA-256', { ...none, ChecksumSHA256: 'abc=', ChecksumType: 'FULL_OBJECT' }],
      ['the AWS CLI 1, in parts, to an old server', none],
      ['an SDK, with CRC32 and a KMS key', { ...crc32, ...kms, ETag: '"00000000000000000000000000000001"' }],
    ];

    /** Planned, and identified as the state machine does where Preprocess leaves that to it. */
    async function identifyAfter(head: Record<string, unknown>): Promise<string> {
      const s3 = answeringHead(head);
      const [found] = (await list([{ key }], {}, s3)).sources as (Source | UnidentifiedSource)[];
      if (found === undefined) throw new Error('no source');
      if ('sourceId' in found) return found.sourceId;
      const place = { bucket: server.bucket, s3 };
      const ranges = Array.from({ length: found.rangeCount }, (_, index) => checksumRange(found, index, place));
      return (await identify(found, await Promise.all(ranges), place)).sourceId;
    }

    it.each(['small', 'large'])('gives a %s object one id for every client', async (size) => {
      const { etag } = await server.put(key, size === 'small' ? line : content);
      const ids: string[] = [];
      for (const [, head] of clients) ids.push(await identifyAfter({ ...head, ETag: etag }));
      expect(ids).toHaveLength(8);
      expect(new Set(ids).size).toBe(1);
    });

    it.each(clients)('gives other bytes of the same size another id: %s', async (_, head) => {
      const { etag } = await server.put(key, content);
      const one = await identifyAfter({ ...head, ETag: etag });
      const other = Buffer.from(content);
      other[other.length - 1] = 0x0a;
      const { etag: newEtag } = await server.put(key, other);
      expect(await identifyAfter({ ...head, ETag: newEtag })).not.toBe(one);
    });
  });

  describe('when S3 refuses to give an object', () => {
    const refusing = (kind: 'head' | 'get', poisoned: (key: string) => boolean, status: number, name: string) =>
      ({
        send: async (command: HeadObjectCommand) => {
          const isKind =
            kind === 'head' ? command instanceof HeadObjectCommand : (command as unknown) instanceof GetObjectCommand;
          if (isKind && poisoned(command.input.Key ?? '')) {
            throw Object.assign(new Error(), { name, $metadata: { httpStatusCode: status } });
          }
          return server.client.send(command);
        },
      }) as Pick<S3Client, 'send'>;
    const poison = (key: string) => key.endsWith('poison.json');

    it.each(
      (['head', 'get'] as const).flatMap((kind) =>
        (
          [
            [400, 'BadRequest'],
            [403, 'Forbidden'],
            [403, 'KMS.DisabledException'],
            [405, 'MethodNotAllowed'],
            [409, 'Conflict'],
            [500, 'InternalError'],
            [503, 'SlowDown'],
          ] as const
        ).map((answer) => [kind, ...answer] as const),
      ),
    )('drops it as unreadable and takes the others, by event and by drain: %s %i %s', async (kind, status, name) => {
      for (const each of ['a.json', 'poison.json', 'z.json']) await server.put(prefix + each, line);
      const s3 = refusing(kind, poison, status, name);
      const named = ['a.json', 'poison.json', 'z.json'].map((each) => ({ key: prefix + each }));
      for (const page of [await list({}, {}, s3), await list(named, {}, s3)]) {
        expect(page.sources.map(({ key }) => key)).toEqual([`${prefix}a.json`, `${prefix}z.json`]);
        expect(page.dropped).toEqual({ unreadable: 1 });
      }
    });

    it.each([
      ['head', 403],
      ['head', 400],
      ['head', 405],
      ['get', 409],
    ] as const)('goes through every page of a drain, also one where nothing else is: %s %i', async (kind, status) => {
      for (const each of ['1-poison.json', '2-poison.json', 'z.json']) await server.put(prefix + each, line);
      const s3 = refusing(kind, poison, status, 'Unknown');
      const first = await list({}, { pageKeys: 2 }, s3);
      expect(first).toMatchObject({ sources: [], dropped: { unreadable: 2 } });
      const second = await list({ cursor: first.cursor as string }, { pageKeys: 2 }, s3);
      expect(second.sources.map(({ key }) => key)).toEqual([`${prefix}z.json`]);
    });

    it.each(['lines', 'array'])('takes no object by a body that ended early and looked whole: %s', async (format) => {
      const content = format === 'array' ? `[${line}]` : line.repeat(3);
      await server.put(`${prefix}a.json`, line);
      await server.put(`${prefix}short.json`, content);
      const s3 = {
        send: async (command: GetObjectCommand) => {
          const isRead = command instanceof GetObjectCommand && command.input.Key === `${prefix}short.json`;
          if (isRead) return { Body: { transformToByteArray: async () => Buffer.from(content.slice(0, line.length)) } };
          return server.client.send(command);
        },
      } as unknown as Pick<S3Client, 'send'>;
      const page = await list({}, {}, s3);
      expect(page.sources.map(({ key }) => key)).toEqual([`${prefix}a.json`]);
      expect(page.dropped).toEqual({ unreadable: 1 });
      await server.remove(`${prefix}a.json`);
      await expect(list({}, {}, s3)).rejects.toMatchObject({ name: 'TransientStorageError' });
    });

    it('asks again for the whole page where S3 fails for every object in a way that passes', async () => {
      await server.put(`${prefix}a.json`, line);
      await server.put(`${prefix}b.json`, line);
      const s3 = refusing('head', () => true, 503, 'SlowDown');
      await expect(list({}, {}, s3)).rejects.toMatchObject({ name: 'TransientStorageError' });
    });
  });

  it('takes an object with content although its name ends as that of a folder', async () => {
    await server.put(`${prefix}folder/`, '');
    await server.put(`${prefix}reviews/`, line);
    const { sources, dropped } = await list({});
    expect(sources.map(({ key }) => key)).toEqual([`${prefix}reviews/`]);
    expect(dropped).toEqual({ folder: 1 });
  });

  it.each([
    ['lines', line],
    ['an array', `[${line}]`],
  ])('drops as too large what no invocation can copy to its end: %s', async (_, content) => {
    // As much as the first look asks for.
    await server.put(`${prefix}a.json`, Buffer.concat([Buffer.from(content), Buffer.alloc(64 * 1024, '\n')]));
    const ofSize = (bytes: number) => list({}, {}, answeringHead({ ContentLength: bytes }));
    expect((await ofSize(300 * 1024 ** 3)).sources).toHaveLength(1);
    expect(await ofSize(300 * 1024 ** 3 + 1)).toEqual({ sources: [], dropped: { 'too-large': 1 }, cursor: null });
  });

  it('drops objects that are no source, each with its reason, and takes the others', async () => {
    const key = `${prefix}a.json`;
    await server.put(key, line);
    await server.put(`${prefix}folder/`, '');
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

  it('drops an archived object as not readable yet when only reading tells, and takes the others', async () => {
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
