import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { copyObject, defaultCopyLimits } from '../../../functions/postprocess/copy-object.ts';

const gib = 1024 ** 3;

/** Copies an object of this size in an S3 that only takes note. */
async function requestsFor(sizeBytes: number) {
  const requests: object[] = [];
  const send = async (request: object) => {
    requests.push(request);
    return { UploadId: 'upload', CopyPartResult: { ETag: '"part"' } };
  };
  const names = { bucket: 'b', from: 'book-review/reviews/a', to: 'book-review/completed/a', etag: '"e"' };
  const copy = { ...names, head: { ContentLength: sizeBytes, $metadata: {} }, metadata: {}, onlyIfNew: true };
  await copyObject(copy, defaultCopyLimits, { send } as unknown as Pick<S3Client, 'send'>);
  return requests;
}

describe('copying an object', () => {
  it('takes one request up to a size that S3 copies in one', async () => {
    expect(defaultCopyLimits.singleCopyBytes).toBeLessThanOrEqual(5 * 10 ** 9);
    const [request, ...more] = await requestsFor(defaultCopyLimits.singleCopyBytes);
    expect(request).toBeInstanceOf(CopyObjectCommand);
    expect(more).toEqual([]);
  });

  it.each([
    ['a byte over that', defaultCopyLimits.singleCopyBytes + 1],
    ['5 GiB', 5 * gib],
    ['48.8 TiB, the largest that there is', 50_000 * gib],
  ])('takes parts that S3 allows, and that follow each other to the last byte, for %s', async (_what, sizeBytes) => {
    const [first, ...requests] = await requestsFor(sizeBytes);
    expect(first).toBeInstanceOf(CreateMultipartUploadCommand);
    expect(requests.pop()).toBeInstanceOf(CompleteMultipartUploadCommand);
    const parts = requests.map((request) => (request as UploadPartCopyCommand).input);
    expect(requests.every((request) => request instanceof UploadPartCopyCommand)).toBe(true);
    expect(parts.length).toBeLessThanOrEqual(10_000);
    parts.sort((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0));
    let next = 0;
    for (const { CopySourceRange = '', CopySourceIfMatch } of parts) {
      const [from = -1, to = -1] = CopySourceRange.slice('bytes='.length).split('-').map(Number);
      const isLast = to === sizeBytes - 1;
      if (from !== next || to - from >= 5 * gib || (!isLast && to - from < 5 * 1024 ** 2))
        throw new Error(CopySourceRange);
      expect(CopySourceIfMatch).toBe('"e"');
      next = to + 1;
    }
    expect(next).toBe(sizeBytes);
  });
});
