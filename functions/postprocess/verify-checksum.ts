// Compares the bytes that the chunks read with the object's content.
import { checksumText } from '../shared/checksum.ts';
import type { ChunkProgress, Source } from '../shared/contract.ts';
import { combineCrc64, emptyCrc64 } from '../shared/crc64/crc64.ts';
import { ownBytes } from '../shared/own-bytes.ts';

/**
 * Null if they agree, and where it cannot be told: a version of this service without checksums planned the source or read a chunk.
 * `chunkResults`: of all chunks, in any order.
 */
export function checksumDifference(
  source: Pick<Source, 'format' | 'sizeBytes' | 'chunkBytes' | 'checksum'>,
  chunkResults: readonly ChunkProgress[],
): string | null {
  const inOrder = [...chunkResults].sort((one, other) => one.chunkIndex - other.chunkIndex);
  if (source.checksum === undefined || inOrder.some(({ crc }) => crc === undefined)) return null;
  let whole = emptyCrc64;
  for (const { chunkIndex, crc } of inOrder) {
    const { from, to } = ownBytes(source, chunkIndex);
    if (crc === undefined || crc.to !== to) return `chunk ${chunkIndex} read up to byte ${crc?.to} of ${to}`;
    whole = combineCrc64(whole, crc.value, to - from);
  }
  const read = checksumText(whole);
  return read === source.checksum ? null : `the bytes that were read have ${read}, the object has ${source.checksum}`;
}
