import { isUtf8 } from 'node:buffer';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readOwnedLines } from '../../../functions/db-processing/read-lines.ts';
import { type Line, lineAt } from '../../../functions/db-processing/split-lines.ts';
import { transcode } from '../../../functions/db-processing/transcode.ts';

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

  const skippable = Buffer.concat([Buffer.from('502a4d1804000000', 'hex'), Buffer.from('skip')]);
  const frames = fc.array(
    fc.oneof(
      fc.array(fc.constantFrom('{"a":1}\n', '{"é":"😀"}\n', `{"x":"${'long '.repeat(100)}"}\n`), { maxLength: 4 }),
      fc.constant(null),
    ),
    { minLength: 1, maxLength: 6 },
  );
  it('reads all frames of zstd, with and without a checksum, and skips those without content', async () => {
    await fc.assert(
      fc.asyncProperty(
        frames,
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        async (parts, blockBytes, hasChecksum) => {
          const params = { [constants.ZSTD_c_checksumFlag]: hasChecksum ? 1 : 0 };
          const stored = parts.map((part) => (part === null ? skippable : zstdCompressSync(part.join(''), { params })));
          const written = parts.flatMap((part) => part ?? []).map((line) => line.trimEnd());
          expect(await read(Buffer.concat(stored), blockBytes)).toEqual(written);
        },
      ),
      { numRuns: 100 },
    );
  });

  const frame = zstdCompressSync(`${text}\n`, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  it.each<[string, Buffer, RegExp]>([
    ['is cut off', frame.subarray(0, -5), /zstd: .*(end of file|cut off)/],
    ['has damage', Buffer.concat([frame.subarray(0, -1), Buffer.from([1 + (frame.at(-1) as number)])]), /zstd: /],
    ['is something else', Buffer.from('garbage'), /zstd: bytes after the end/],
    ['is gzip', gzipSync(text), /zstd: bytes after the end/],
    ['comes behind padding', Buffer.concat([Buffer.alloc(100_000), frame]), /zstd: bytes after the end/],
    ['says that it is longer', Buffer.from('502a4d18ff000000', 'hex'), /zstd: unexpected end of file/],
  ])('refuses zstd of which the second frame %s', async (_what, second, why) => {
    for (const blockBytes of [1, 7, 65_536]) {
      const reading = read(Buffer.concat([frame, second]), blockBytes);
      await expect(reading).rejects.toMatchObject({ name: 'InvalidInputError', message: expect.stringMatching(why) });
    }
  });

  it('bounds all frames of zstd together', async () => {
    const half = zstdCompressSync(Buffer.alloc(600 * 1024, 0x20));
    await expect(read(Buffer.concat([half, half]))).rejects.toThrow(/zstd: more than 1048576 bytes/);
  });

  it('changes no text of UTF-16: half of a surrogate pair is no UTF-8', async () => {
    const units = fc.array(fc.constantFrom('a', 'é', '書', '😀', '\ud83d', '\ude00', '\n'), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(units, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (parts, blockBytes, isBig) => {
        const written = parts.join('');
        const little = Buffer.from(`\ufeff${written}`, 'utf16le');
        const stored = isBig ? Buffer.from(little).swap16() : little;
        const found: Buffer[] = [];
        for await (const block of transcode(stored.subarray(0, 512), cut(stored, blockBytes))) found.push(block);
        const bytes = Buffer.concat(found);
        expect(isUtf8(bytes)).toBe(written.isWellFormed());
        const length = [...written].reduce((sum, each) => sum + Buffer.byteLength(each), 0);
        expect(bytes).toHaveLength(length);
        if (written.isWellFormed()) expect(bytes.toString()).toBe(written);
      }),
    );
  });

  it('lets an odd byte at the end of UTF-16 pass as it is', async () => {
    expect(await read(Buffer.concat([Buffer.from('\ufeff{"a":1}', 'utf16le'), Buffer.from('\n')]))).toEqual([
      '{"a":1}',
    ]);
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
/** A header from before ustar. Its checksum is the sum of its bytes, with blanks in place of the checksum. */
const oldTar = Buffer.alloc(1024);
oldTar.write('reviews.jsonl');
oldTar.write('0000644\0', 100);
oldTar.write('00000000100\0', 124);
oldTar.write('        ', 148);
oldTar.write(
  `${oldTar
    .reduce((sum, byte) => sum + byte, 0)
    .toString(8)
    .padStart(6, '0')}\0 `,
  148,
);
const zipOf = (name: string) => Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(26), Buffer.from(name)]);

describe('a file that is refused', () => {
  it.each([
    ['Parquet', Buffer.from('PAR1\x15\x04'), 'duckdb'],
    ['Avro', Buffer.from('Obj\x01'), 'duckdb'],
    ['ORC', Buffer.from('ORC\x08'), 'orc-tools'],
    ['zip', Buffer.from('PK\x03\x04'), 'unzip'],
    ['tar', tar, 'tar -xf'],
    ['tar', oldTar, 'tar -xf'],
    ['Excel', zipOf('[Content_Types].xml'), 'CSV'],
    ['Excel', zipOf('xl/workbook.xml'), 'CSV'],
    ['Excel', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'CSV'],
    ['rar', Buffer.from('Rar!\x1a\x07\x01\x00'), 'unrar x'],
    ['SQLite', Buffer.from('SQLite format 3\0'), 'sqlite3 -csv'],
    ['Arrow', Buffer.from('ARROW1\0\0'), 'read_feather'],
    ['HDF5', Buffer.from('894844460d0a1a0a', 'hex'), 'read_hdf'],
    ['pickle', Buffer.from('80049500', 'hex'), 'read_pickle'],
    ['NumPy', Buffer.from('934e554d5059', 'hex'), 'Export'],
    ['R data', Buffer.from('RDX3\nX\n'), 'write.csv'],
    ['R data', Buffer.from('X\n\0\0\0\x03\0'), 'write.csv'],
    ['BSON', Buffer.from('\x64\0\0\0\x07_id\0', 'latin1'), 'bsondump'],
    ['lz4', Buffer.from('04224d18', 'hex'), 'lz4 -dc'],
    ['lzip', Buffer.from('LZIP\x01'), 'lzip -dc'],
    ['Snappy', Buffer.from('ff060000734e61507059', 'hex'), 'gzip'],
    ['encrypted', Buffer.from('Salted__abcdefgh'), 'Decrypt'],
    ['encrypted', Buffer.from('-----BEGIN PGP MESSAGE-----\n'), 'Decrypt'],
    ['Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\noid'), 'git lfs pull'],
    ['SQL dump', Buffer.from('-- MySQL dump 10.13'), 'CSV'],
    ['PNG', Buffer.from('89504e470d0a1a0a', 'hex'), 'not a file of reviews'],
    ['JPEG', Buffer.from('ffd8ffe0', 'hex'), 'not a file of reviews'],
    ['MP4', Buffer.from('0000001866747970', 'hex'), 'not a file of reviews'],
    ['UTF-16', Buffer.from(`\n\n${text}`, 'utf16le'), 'iconv -f UTF-16LE'],
    ['UTF-16', Buffer.from(text, 'utf16le').swap16(), 'iconv -f UTF-16BE'],
    ['UTF-32', Buffer.from('7b00000022000000', 'hex'), 'iconv -f UTF-32LE'],
    ['UTF-32', Buffer.from('0000007b00000022', 'hex'), 'iconv -f UTF-32BE'],
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

  it.each([
    ['gzip inside gzip', gzipSync(gzipSync(text))],
    ['gzip inside zstd', zstdCompressSync(gzipSync(text))],
    ['zstd inside gzip', gzipSync(zstdCompressSync(text))],
    ['zstd inside zstd', zstdCompressSync(zstdCompressSync(text))],
  ])('%s', async (what, content) => {
    await expect(read(content)).rejects.toMatchObject({
      name: 'UnsupportedFormatError',
      message: expect.stringContaining(what),
    });
  });

  it('takes no text for one', async () => {
    for (const harmless of ['x^2 is a formula', 'PK', 'Object', '{"a":1}', 'X', '-- a note', 'version 2', 'xl/'])
      expect(await read(Buffer.from(harmless))).toEqual([harmless]);
  });
});
