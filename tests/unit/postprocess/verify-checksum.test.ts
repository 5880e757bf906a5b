import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readWithChecksum } from '../../../functions/db-processing/checksum-as-read.ts';
import { judgeSource } from '../../../functions/postprocess/judge-source.ts';
import { checksumDifference } from '../../../functions/postprocess/verify-checksum.ts';
import { checksumText } from '../../../functions/shared/checksum.ts';
import type { ChunkProgress } from '../../../functions/shared/contract.ts';
import { createCrc64 } from '../../../functions/shared/crc64/crc64.ts';
import { makeChunkResult, makeSource } from '../../support/sources.ts';

const checksumOf = (bytes: Uint8Array) => {
  const crc = createCrc64();
  crc.add(bytes);
  return checksumText(crc.hex());
};

/** Reads a chunk as DB-processing does: from a byte before it to somewhere behind it, in blocks, stopped and resumed once. */
async function readChunk(
  content: Buffer,
  chunkBytes: number,
  chunkIndex: number,
  blockBytes: number,
  stopAfter: number,
) {
  const source = { format: 'lines' as const, sizeBytes: content.length, chunkBytes };
  async function* read(from: number, to: number) {
    for (let at = from; at < to; at += blockBytes) yield content.subarray(at, Math.min(to, at + blockBytes));
  }
  const start = chunkIndex * chunkBytes;
  const end = Math.min(start + chunkBytes + 20, content.length);
  let progress: ChunkProgress | null = null;
  for (const from of [Math.max(0, start - 1), Math.max(0, start - 1 + Math.floor(stopAfter / 2))]) {
    const checksum = readWithChecksum(read, source, chunkIndex, progress);
    let blocks = 0;
    for await (const _ of checksum.read(from, end)) {
      blocks += 1;
      if (progress === null && blocks * blockBytes >= stopAfter) break;
    }
    progress = makeChunkResult({ chunkIndex, ...(checksum.progress() && { crc: checksum.progress() as never }) });
  }
  return progress as ChunkProgress;
}

describe('the checksum of what the chunks read', () => {
  it('is that of the object, however it is cut into chunks and blocks, and wherever a chunk is resumed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 500 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 200 }),
        async (bytes, chunkBytes, blockBytes, stopAfter) => {
          const content = Buffer.from(bytes);
          const chunkCount = Math.ceil(content.length / chunkBytes);
          const source = makeSource({
            sizeBytes: content.length,
            chunkBytes,
            chunkCount,
            checksum: checksumOf(content),
          });
          const results = await Promise.all(
            Array.from({ length: chunkCount }, (_, index) =>
              readChunk(content, chunkBytes, index, blockBytes, stopAfter),
            ),
          );
          expect(checksumDifference(source, results.reverse())).toBeNull();
          const other = { ...source, checksum: checksumOf(Buffer.concat([content, Buffer.from('x')])) };
          expect(checksumDifference(other, results)).toContain('the bytes that were read');
        },
      ),
    );
  });

  it('fails a file whose bytes are not those that it is known by', () => {
    const source = makeSource({ checksum: checksumOf(Buffer.from('other')) });
    const result = makeChunkResult({ crc: { to: 100, value: '0'.repeat(16) } });
    const verdict = judgeSource({ source, chunkResults: [result] }, 50);
    expect(verdict).toMatchObject({ outcome: 'failed', errorName: 'ChecksumMismatchError' });
  });

  it('fails a file of which not every byte was read', () => {
    const source = makeSource({ checksum: checksumOf(Buffer.alloc(100)) });
    const result = makeChunkResult({ crc: { to: 99, value: '0'.repeat(16) } });
    expect(checksumDifference(source, [result])).toBe('chunk 0 read up to byte 99 of 100');
  });
});
