import type { SourceFormat } from '../shared/contract.ts';

/**
 * Most chunks that a source gets; above, its chunks are larger instead, and DB-processing resumes within them. The
 * tightest of three limits of a Step Functions execution counts:
 * - a state's payload is at most 262,144 bytes and holds all chunk results at once: 100 leave 2,500 bytes for each, where
 *   one takes 300, and 1,700 more if it has rejected records of every reason that there is;
 * - a history has at most 25,000 events: 100 leave 250 a chunk, where a chunk takes 11, a resume 9, a retry 3;
 * - States.ArrayRange makes at most 1,000 items.
 */
export const maxChunks = 100;

export interface ChunkSettings {
  /** Most that a chunk has, unless the source would have too many. */
  chunkBytes: number;
  /** Chunks of a source that are ingested at once. */
  chunkConcurrency: number;
}

/**
 * Chunks of one size; of more than are ingested at once, a multiple of those: no chunk is ingested last while others wait for
 * it. Arithmetic alone: nothing is read. At least one chunk, also of an empty source; gzip and an array cannot be split.
 */
export function planChunks(
  { sizeBytes, format }: { sizeBytes: number; format: SourceFormat },
  settings: ChunkSettings,
): { chunkBytes: number; chunkCount: number } {
  const wanted = format === 'lines' ? chunksOfLines(sizeBytes, settings) : 1;
  const chunkBytes = Math.max(1, Math.ceil(sizeBytes / wanted));
  // Bytes are whole, so a small source may need fewer.
  return { chunkBytes, chunkCount: Math.max(1, Math.ceil(sizeBytes / chunkBytes)) };
}

function chunksOfLines(sizeBytes: number, { chunkBytes, chunkConcurrency }: ChunkSettings): number {
  const least = Math.max(1, Math.ceil(sizeBytes / chunkBytes));
  if (least <= chunkConcurrency) return least;
  const rounds = Math.min(Math.ceil(least / chunkConcurrency), Math.floor(maxChunks / chunkConcurrency));
  return rounds * chunkConcurrency;
}
