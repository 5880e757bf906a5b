import type { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { createRejectedRecords } from '../../../functions/db-processing/rejected-records.ts';
import { ConfigurationError, TransientStorageError } from '../../../functions/shared/errors.ts';
import { makeSource } from '../../support/sources.ts';

const source = makeSource();
/** Between the lines of others. */
const line = (bytes: Buffer | string, tooLong = false) => {
  const buffer = Buffer.concat([Buffer.from('before\n'), Buffer.from(bytes), Buffer.from('\nafter')]);
  return { offset: 7, nextOffset: 8, buffer, from: 7, to: buffer.length - 6, tooLong, openEnd: false };
};

function storage(error?: Error) {
  const written: { Key: string; Body: Buffer }[] = [];
  const send = async ({ input }: { input: { Key: string; Body: Buffer } }) => {
    if (error) throw error;
    written.push(input);
  };
  return { s3: { send } as unknown as Pick<S3Client, 'send'>, written };
}

describe('rejected records', () => {
  it('are JSON lines in an object that is named by the first offset', async () => {
    const { s3, written } = storage();
    const rejected = createRejectedRecords(s3, 'b', source);
    rejected.add(line('{"a'), 'malformed-json');
    rejected.add({ ...line('[]'), offset: 9 }, 'not-an-object');
    await rejected.flush();
    await rejected.flush();
    expect(written).toHaveLength(1);
    expect(written[0]?.Key).toMatch(/0000000000000007\.jsonl$/);
    expect(written[0]?.Body.toString()).toBe(
      '{"offset":7,"reason":"malformed-json","line":"{\\"a"}\n{"offset":9,"reason":"not-an-object","line":"[]"}\n',
    );
  });

  it('keep bytes that are no text as base64, and a long line up to its last whole character', async () => {
    const { s3, written } = storage();
    const rejected = createRejectedRecords(s3, 'b', source);
    rejected.add(line(Buffer.from([0xff, 0x00])), 'invalid-utf8');
    rejected.add(line(Buffer.from('a😀').subarray(0, -1), true), 'line-too-long');
    await rejected.flush();
    const [bytes, long] = (written[0]?.Body.toString() ?? '')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(bytes).toEqual({ offset: 7, reason: 'invalid-utf8', line: '/wA=', lineEncoding: 'base64' });
    expect(long).toEqual({ offset: 7, reason: 'line-too-long', line: 'a', truncated: true });
  });

  it('have one line each for every reader, also for those that split at the line breaks of Unicode', async () => {
    const { s3, written } = storage();
    const rejected = createRejectedRecords(s3, 'b', source);
    const breaks = 'a\u2028b\u2029c\u0085d\u000be\u000cf\rg';
    rejected.add(line(breaks), 'malformed-json');
    await rejected.flush();
    const text = written[0]?.Body.toString() ?? '';
    const separators = '\r\n\u000b\u000c\u001c\u001d\u001e\u0085\u2028\u2029';
    expect([...text.trimEnd()].filter((character) => separators.includes(character))).toEqual([]);
    expect(JSON.parse(text).line).toBe(breaks);
  });

  it('fail the chunk if they cannot be written: for a person if writing is forbidden, else for a retry', async () => {
    for (const [status, expected] of [
      [403, ConfigurationError],
      [503, TransientStorageError],
    ] as const) {
      const { s3 } = storage(Object.assign(new Error('x'), { $metadata: { httpStatusCode: status } }));
      const rejected = createRejectedRecords(s3, 'b', source);
      rejected.add(line('x'), 'malformed-json');
      await expect(rejected.flush()).rejects.toThrow(expected);
    }
  });
});
