// The same bytes are the same source, whichever client uploads them: from the upload to the end of the file.
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultCopyLimits } from '../../functions/postprocess/copy-object.ts';
import { finishSource } from '../../functions/postprocess/finish-source.ts';
import { checksumRange, identify } from '../../functions/preprocess/checksum-ranges.ts';
import { listSources } from '../../functions/preprocess/list-sources.ts';
import type { Source } from '../../functions/shared/contract.ts';
import { createCrc64 } from '../../functions/shared/crc64/crc64.ts';
import { keepLog } from '../support/log.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';
import { makeChunkResult } from '../support/sources.ts';
import { underKms, uploadClients } from '../support/upload-clients.ts';

const line = '{"reviewerID":"A1","asin":"B1"}\n';
const small = Buffer.from(line);
/** Three parts of 8 MiB, or four of 5 MiB. Larger than what Preprocess reads in one request. */
const large = Buffer.from(line.repeat(Math.ceil((17 * 1024 ** 2) / line.length)));

describe('a file that clients of all kinds upload in turn', () => {
  let server: S3Server;
  const key = 'book-review/reviews/us-east-1/a.json';
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterEach(async () => {
    for (const each of await server.list('')) await server.remove(each);
  });
  afterAll(() => server.stop());

  /** As the state machine does, which reads a large object range by range where S3 keeps no checksum that identifies it. */
  async function plan(s3: Pick<S3Client, 'send'>): Promise<Source> {
    const { bucket } = server;
    const settings = { bucket, chunkBytes: 32 * 1024 ** 2, chunkConcurrency: 4, pageKeys: 200 };
    const [found] = (await listSources([{ key }], settings, { s3, log: keepLog() })).sources;
    if (found === undefined) throw new Error('no source');
    if ('sourceId' in found) return found;
    const ranges = Array.from({ length: found.rangeCount }, (_, index) => checksumRange(found, index, { bucket, s3 }));
    return identify(found, await Promise.all(ranges), { bucket, s3 });
  }

  function complete(source: Source, content: Buffer, s3: Pick<S3Client, 'send'>) {
    const crc = createCrc64();
    crc.add(content);
    const chunk = makeChunkResult({ ownedTo: source.sizeBytes, crc: { to: source.sizeBytes, value: crc.hex() } });
    const settings = { bucket: server.bucket, region: 'us-east-1', maxRejectedPercent: 50, sameName: 'add' as const };
    const rest = { s3, limits: defaultCopyLimits, now: () => new Date(), log: keepLog() };
    return finishSource({ source, chunkResults: [chunk] }, { ...settings, ...rest });
  }

  /** With a key of KMS each upload has another ETag, also by the same client. */
  const uploads = Object.entries(uploadClients).flatMap(([client, upload]) => [
    { client, upload, s3: () => server.client },
    { client: `${client}, under KMS`, upload, s3: () => underKms(server.client) },
  ]);

  it.each([
    ['small', small],
    ['large', large],
  ])('is one source, filed once, with one report: a %s one', async (_, content) => {
    const ids = new Map<string, string>();
    for (const { client, upload, s3: open } of uploads) {
      const s3 = open();
      await upload(server.client, server.bucket, key, content);
      const source = await plan(s3);
      ids.set(client, source.sourceId);
      expect(await complete(source, content, s3)).toEqual({ sourceId: source.sourceId, outcome: 'completed' });
    }
    expect(ids.size).toBe(16);
    expect(new Set(ids.values()).size).toBe(1);
    const [id] = ids.values();
    expect(await server.list('')).toEqual([
      'book-review/completed/us-east-1/a.json',
      `book-review/reports/us-east-1/a.json.${id}.json`,
    ]);
  });

  it.each(uploads)('is another source with other bytes of the same size: $client', async ({ upload, s3: open }) => {
    await upload(server.client, server.bucket, key, large);
    const one = await plan(open());
    const other = Buffer.from(large);
    other[other.length - 1] = 0x20;
    await upload(server.client, server.bucket, key, other);
    const another = await plan(open());
    expect(another.sizeBytes).toBe(one.sizeBytes);
    expect(another.sourceId).not.toBe(one.sourceId);
  });

  it.each([
    [
      'boto3, in parts of 8 MiB, with CRC32',
      { ChecksumType: 'COMPOSITE', ChecksumCRC32: expect.stringMatching(/-3$/) },
    ],
    [
      'an SDK, in parts of 5 MiB, with CRC32',
      { ChecksumType: 'COMPOSITE', ChecksumCRC32: expect.stringMatching(/-4$/) },
    ],
    ['an SDK, in one part, with SHA-256', { ChecksumType: 'FULL_OBJECT', ChecksumSHA256: expect.anything() }],
    ['the AWS CLI 1, in parts of 8 MiB', { ChecksumType: 'FULL_OBJECT', ChecksumCRC64NVME: expect.anything() }],
    ['the AWS CLI 2, in parts of 8 MiB', { ChecksumType: 'FULL_OBJECT', ChecksumCRC64NVME: expect.anything() }],
  ])('has the checksum that S3 would keep: %s', async (client, expected) => {
    await uploadClients[client]?.(server.client, server.bucket, key, large);
    const named = { Bucket: server.bucket, Key: key, ChecksumMode: 'ENABLED' } as const;
    expect(await server.client.send(new HeadObjectCommand(named))).toMatchObject(expected);
  });
});
