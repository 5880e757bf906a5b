// Which pending objects of a bundle one request deletes.
import type { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { type Copied, deleteCopied } from '../../../functions/postprocess/finish-quickly.ts';

const copied = (key: string) => ({ end: { source: { key, etag: '"e"' } }, movedTo: '' }) as unknown as Copied;

/** An S3 that keeps these keys. */
function s3Keeping(...kept: string[]) {
  const asked: string[] = [];
  const send = async ({ input }: DeleteObjectsCommand) => {
    for (const { Key = '' } of input.Delete?.Objects ?? []) asked.push(Key);
    return { Errors: kept.map((Key) => ({ Key, Code: 'PreconditionFailed' })) };
  };
  return { asked, s3: { send } as unknown as Parameters<typeof deleteCopied>[1]['s3'] };
}

describe('the pending objects of a bundle', () => {
  it('count as deleted, except those that S3 kept', async () => {
    const [one, changed] = [copied('one'), copied('changed')];
    const { s3 } = s3Keeping('changed');
    expect(await deleteCopied([one, changed], { s3, bucket: 'b' })).toEqual(new Set([one]));
  });

  it.each(['a\u0001b', 'a\ufffeb', 'a\ud800b'])(
    'are left to the long way where XML cannot carry the name: %j',
    async (key) => {
      const [one, odd] = [copied('one'), copied(key)];
      const { s3, asked } = s3Keeping();
      expect(await deleteCopied([one, odd], { s3, bucket: 'b' })).toEqual(new Set([one]));
      expect(asked).toEqual(['one']);
    },
  );

  it('are not asked for where there is none', async () => {
    const { s3, asked } = s3Keeping();
    expect(await deleteCopied([copied('\u0001')], { s3, bucket: 'b' })).toEqual(new Set());
    expect(asked).toEqual([]);
  });
});
