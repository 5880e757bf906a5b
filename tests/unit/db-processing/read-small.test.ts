// One small object of a bundle, where S3 does not give what the bundle was told of, and no checksum that shows it.
import { describe, expect, it } from '@jest/globals';
import { readSmall } from '../../../functions/db-processing/bundle/read-small.ts';
import { TransientStorageError } from '../../../functions/shared/errors.ts';

const body = Buffer.from('{"reviewerID":"A1","asin":"B1"}\n');
const object = { key: 'book-review/reviews/us-east-1/a.json', etag: '"e"', sizeBytes: body.length };

/** Reads the object from an S3 that gives this answer. */
function read(answer: { ETag?: string; ContentLength?: number; bytes?: Buffer }) {
  const { bytes = body, ...rest } = answer;
  const got = { ETag: '"e"', ContentLength: body.length, ...rest, Body: { transformToByteArray: async () => bytes } };
  const send = async ({ input }: { input: { Key: string } }) => {
    // There is no report.
    if (input.Key !== object.key) throw Object.assign(new Error(), { $metadata: { httpStatusCode: 404 } });
    return got;
  };
  const s3 = { send } as unknown as Parameters<typeof readSmall>[2]['s3'];
  return readSmall(object, { bucket: 'a-bucket' }, { s3 });
}

describe('a small object', () => {
  it('is a source where S3 gives it as it was', async () => {
    expect(await read({})).toMatchObject({ bytes: body, source: { key: object.key, sizeBytes: body.length } });
  });

  it.each([
    ['ETag', { ETag: '"other"' }],
    ['length', { ContentLength: body.length - 1, bytes: body.subarray(1) }],
  ])('is looked at alone where its %s is another', async (_what, answer) => {
    expect(await read(answer)).toEqual({ alone: true });
  });

  it('is never taken for whole where its body ends early', async () => {
    await expect(read({ bytes: body.subarray(0, 10) })).rejects.toThrow(TransientStorageError);
  });
});
