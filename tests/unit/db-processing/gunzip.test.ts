import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { decompress } from '../../../functions/db-processing/gunzip.ts';
import { InvalidInputError } from '../../../functions/shared/errors.ts';

const text = 'one line\n'.repeat(50_000);
const zipped = gzipSync(text);

async function* inBlocks(bytes: Buffer, blockBytes = 100) {
  for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes);
}
async function unzip(bytes: Buffer, maxBytes = text.length * 2): Promise<string> {
  let result = '';
  for await (const block of decompress('gzip', inBlocks(bytes), maxBytes)) result += block.toString('latin1');
  return result;
}

describe('a gzip stream', () => {
  it('is decompressed, all members of it', async () => {
    expect(await unzip(zipped)).toBe(text);
    expect(await unzip(Buffer.concat([zipped, gzipSync(''), zipped]))).toBe(text + text);
  });

  const damaged: [string, Buffer][] = [
    ['is cut off in its content', zipped.subarray(0, -9)],
    ['is cut off in its checksum', zipped.subarray(0, -3)],
    ['is empty', Buffer.alloc(0)],
    ['is something else', Buffer.from('hello')],
    [
      'has a member of which the beginning is damaged',
      Buffer.concat([zipped, Buffer.from([0, 0x8b]), zipped.subarray(2)]),
    ],
    ['has a checksum that does not fit', Buffer.concat([zipped.subarray(0, -8), Buffer.alloc(8)])],
    ['has something behind the padding', Buffer.concat([zipped, Buffer.alloc(1_000), zipped])],
    ['has something behind a long padding', Buffer.concat([zipped, Buffer.alloc(500_000), zipped])],
  ];
  it.each([
    ['gzip', zipped],
    ['zstd', zstdCompressSync(text)],
  ] as const)('is read to its last byte also where it ends in a long padding: %s', async (compression, stream) => {
    const padded = Buffer.concat([stream, Buffer.alloc(500_000)]);
    let read = 0;
    const counted = async function* () {
      for await (const block of inBlocks(padded, 64 * 1024)) {
        read += block.length;
        yield block;
      }
    };
    let result = '';
    for await (const block of decompress(compression, counted(), text.length)) result += block.toString('latin1');
    expect(result).toBe(text);
    expect(read).toBe(padded.length);
  });

  it.each(damaged)('makes the file invalid where it %s', async (_what, bytes) => {
    await expect(unzip(bytes)).rejects.toThrow(InvalidInputError);
  });

  it('makes the file invalid where it decompresses to more than the bound, before it is all in memory', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const unzipping = unzip(bomb, 100_000);
    await expect(unzipping).rejects.toThrow(InvalidInputError);
    await expect(unzipping).rejects.toThrow(/more than 100000 bytes/);
  });

  it.each([
    ['one member', zipped, text.length],
    ['several members together', Buffer.concat([zipped, zipped]), 2 * text.length],
  ])('may have exactly as many bytes as the bound, of %s, and not one more', async (_what, bytes, length) => {
    expect(await unzip(bytes, length)).toHaveLength(length);
    await expect(unzip(bytes, length - 1)).rejects.toThrow(`gzip: more than ${length - 1} bytes when decompressed`);
  });

  it('passes an error of its source on as it is', async () => {
    const failure = new Error('from storage');
    const broken = async function* () {
      yield zipped.subarray(0, 100);
      throw failure;
    };
    const read = async () => {
      for await (const _ of decompress('gzip', broken(), text.length));
    };
    await expect(read()).rejects.toBe(failure);
  });
});
