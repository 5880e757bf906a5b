import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readOwnedLines } from '../../../functions/db-processing/read-lines.ts';
import { type Line, lineAt } from '../../../functions/db-processing/split-lines.ts';

const limits = { maxLineBytes: 1024, maxDecompressedBytes: 1024 * 1024 };
const text = '{"a":"é"}\n{"b":2}\n{"c":"😀"}';
const expected = ['{"a":"é"}', '{"b":2}', '{"c":"😀"}'];

async function* cut(content: Buffer, blockBytes: number) {
  for (let at = 0; at < content.length; at += blockBytes) yield Buffer.from(content.subarray(at, at + blockBytes));
}

async function read(content: Buffer, blockBytes = 7, nextOffset: number | null = null): Promise<string[]> {
  const source = { format: 'stream' as const, sizeBytes: content.length, chunkBytes: Math.max(1, content.length) };
  const found: string[] = [];
  const take = (line: Line) => found.push(line.buffer.subarray(line.from, line.to).toString());
  for await (const lines of readOwnedLines(source, 0, nextOffset, () => cut(content, blockBytes), limits)) {
    if (Array.isArray(lines)) lines.forEach(take);
    else
      for (let at = lines.from; at < lines.to; ) {
        const line = lineAt(lines, at);
        take(line);
        at += line.nextOffset - line.offset;
      }
  }
  return found;
}

const utf16le = Buffer.from(`\ufeff${text}`, 'utf16le');
const containers: [string, Buffer][] = [
  ['zstd', zstdCompressSync(text)],
  ['gzip', gzipSync(text)],
  ['gzip with zero padding', Buffer.concat([gzipSync(text), Buffer.alloc(100)])],
  ['UTF-16, little end first', utf16le],
  ['UTF-16, big end first', Buffer.from(utf16le).swap16()],
  ['UTF-16 inside gzip', gzipSync(utf16le)],
];

describe('a container that is one chunk', () => {
  it.each(containers)('%s: gives the same lines for every block size and resume point', async (_, content) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 3 }),
        async (blockBytes, skipped) => {
          const offset = expected.slice(0, skipped).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
          expect(await read(content, blockBytes, skipped === 0 ? null : offset)).toEqual(expected.slice(skipped));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a zstd stream that is cut off', async () => {
    const cutOff = zstdCompressSync(text.repeat(50)).subarray(0, -8);
    await expect(read(cutOff)).rejects.toMatchObject({ name: 'InvalidInputError' });
  });

  it('refuses a zstd stream that decompresses to more than the bound', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(4 * 1024 * 1024, 0x20));
    await expect(read(bomb)).rejects.toThrow(/zstd: more than 1048576 bytes/);
  });
});

const tar = Buffer.alloc(1024);
tar.write('reviews.jsonl');
tar.write('ustar', 257);

describe('a file that is refused', () => {
  it.each([
    ['Parquet', Buffer.from('PAR1\x15\x04'), 'duckdb'],
    ['Avro', Buffer.from('Obj\x01'), 'duckdb'],
    ['ORC', Buffer.from('ORC\x08'), 'orc-tools'],
    ['zip', Buffer.from('PK\x03\x04'), 'unzip'],
    ['tar', tar, 'tar -xf'],
    ['bzip2', Buffer.from('BZh91AY'), 'bzcat'],
    ['xz', Buffer.from('fd377a585a00', 'hex'), 'xzcat'],
    ['7z', Buffer.from('377abcaf271c', 'hex'), '7z x'],
    ['PDF', Buffer.from('%PDF-1.7'), 'Export'],
    ['zlib', Buffer.from('789c4bca', 'hex'), 'zlib-flate'],
    ['UTF-32', Buffer.from('fffe00007b000000', 'hex'), 'iconv -f UTF-32'],
    ['UTF-16', Buffer.from(text, 'utf16le'), 'iconv -f UTF-16LE'],
    ['HTML', Buffer.from('\ufeff\n<!DOCTYPE html><html>'), 'download'],
    ['XML', Buffer.from('<?xml version="1.0"?><Error/>'), 'Export'],
  ])('%s: says what it is and what to do, also inside gzip and zstd', async (name, content, todo) => {
    for (const file of [content, gzipSync(content), zstdCompressSync(content)]) {
      const refusal = expect.objectContaining({
        name: 'UnsupportedFormatError',
        message: expect.stringMatching(new RegExp(`\\b${name}\\b[^]*${todo}`)),
      });
      await expect(read(file)).rejects.toEqual(refusal);
    }
  });

  it('gzip inside gzip', async () => {
    await expect(read(gzipSync(gzipSync(text)))).rejects.toThrow('gzip inside gzip');
  });

  it('takes no text for one', async () => {
    for (const harmless of ['x^2 is a formula', 'PK', 'Object', '{"a":1}'])
      expect(await read(Buffer.from(harmless))).toEqual([harmless]);
  });
});
