import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Reading, readIndependently } from '../../../local/reviews/read-independently.ts';

const root = mkdtempSync(join(tmpdir(), 'read-'));
afterAll(() => rmSync(root, { recursive: true }));
const path = join(root, 'file');
const readings = async (bytes: string | Buffer) => {
  writeFileSync(path, bytes);
  const found: Reading[] = [];
  for await (const reading of readIndependently(path)) found.push(reading);
  return found;
};
const a = '{"reviewerID":"R","asin":"A"}';

describe('the independent reading', () => {
  it('gives each line the offset of its first byte, counted in bytes', async () => {
    expect(await readings(`{"reviewerID":"é","asin":"A"}\n\n${a}\r\n${a}`)).toMatchObject([
      { offset: 0, kind: 'review', record: { reviewerID: 'é' } },
      { offset: 31, kind: 'blank' },
      { offset: 32, kind: 'review' },
      { offset: 63, kind: 'review' },
    ]);
  });

  it('does not split at U+2028', async () => {
    expect(await readings(`{"reviewerID":"R","asin":"A","summary":"x\u2028y"}\n`)).toHaveLength(1);
  });

  it('rejects what is not JSON, not an object, or lacks an identifier, and nothing else', async () => {
    const lines = [
      '{"a',
      '[1]',
      'null',
      '{"asin":"A"}',
      '{"reviewerID":"R"}',
      '{"reviewerID":"R","asin":"A","overall":"x"}',
    ];
    expect(
      (await readings(` ${lines.join('\n')}`)).map((reading) => ('reason' in reading ? reading.reason : reading.kind)),
    ).toEqual(['not-json', 'not-an-object', 'not-an-object', 'missing-reviewerID', 'missing-asin', 'review']);
  });

  it('reads gzip with offsets in the decompressed stream, and an array by ordinals', async () => {
    expect(await readings(gzipSync(`${a}\n${a}\n`))).toMatchObject([{ offset: 0 }, { offset: 30 }]);
    expect(await readings(`[${a},\n5,${a}]`)).toMatchObject([
      { offset: 0, kind: 'review' },
      { offset: 1, kind: 'rejected' },
      { offset: 2, kind: 'review' },
    ]);
  });

  it('throws at a truncated gzip and at an unterminated array', async () => {
    await expect(readings(gzipSync(`${a}\n`.repeat(1000)).subarray(0, 60))).rejects.toThrow();
    await expect(readings(`[${a}`)).rejects.toThrow();
  });

  it('joins a line that is longer than one piece of the file', async () => {
    const long = `{"reviewerID":"R","asin":"A","reviewText":"${'x'.repeat(300_000)}"}`;
    expect(await readings(`${long}\n${a}\n`)).toMatchObject([
      { offset: 0 },
      { offset: long.length + 1, kind: 'review' },
    ]);
  });
});
