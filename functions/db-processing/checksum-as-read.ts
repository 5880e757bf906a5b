// Computes the checksum of a chunk's bytes while they are read. Postprocess joins the checksums of all chunks and compares the result with the
// object's. This proves that the rows come from the bytes that identify the source.
import type { ChunkProgress, Source } from '../shared/contract.ts';
import { createCrc64 } from '../shared/crc64/crc64.ts';
import { ownBytes } from '../shared/own-bytes.ts';
import type { ReadRange } from './read-lines.ts';

export interface ChecksumAsRead {
  read: ReadRange;
  /** The checksum of the bytes so far. Undefined if an earlier version began the chunk without one. */
  progress(): ChunkProgress['crc'];
}

/** A read may begin before the wanted bytes and end after them. Each begins at the end of the one before it, or earlier. */
export function readWithChecksum(
  read: ReadRange,
  source: Pick<Source, 'format' | 'sizeBytes' | 'chunkBytes'>,
  chunkIndex: number,
  before: ChunkProgress | null,
): ChecksumAsRead {
  const own = ownBytes(source, chunkIndex);
  const isKnown = before === null || before.crc !== undefined;
  if (!isKnown) return { read, progress: () => undefined };
  const crc = createCrc64(before?.crc?.value);
  let position = before?.crc?.to ?? own.from;
  return {
    async *read(from, to) {
      let at = from;
      for await (const block of read(from, to)) {
        const end = Math.min(at + block.length, own.to);
        if (at <= position && position < end) {
          crc.add(block.subarray(position - at, end - at));
          position = end;
        }
        at += block.length;
        yield block;
      }
    },
    progress: () => ({ to: position, value: crc.hex() }),
  };
}
