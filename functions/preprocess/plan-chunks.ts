import type { SourceFormat } from '../shared/contract.ts';

/**
 * Most chunks of a source. A larger source has larger chunks instead, and DB-processing resumes within them. The tightest of three
 * limits of a Step Functions execution decides:
 * - a state's payload is at most 262,144 bytes and holds all chunk results at once: 100 leave 2,500 bytes for each, where
 *   one takes 300, and 1,700 more if it has rejected records of every reason that there is;
 * - a history has at most 25,000 events: 100 leave 250 a chunk, where a chunk takes 11, a resume 9, a retry 3;
 * - States.ArrayRange makes at most 1,000 items.
 */
export const maxChunks = 100;

export interface ChunkSettings {
  /** Most bytes of a chunk, unless the source would have too many chunks. */
  chunkBytes: number;
  /** Chunks of one source that run at once. */
  chunkConcurrency: number;
}

/**
 * Plans chunks of one size, by arithmetic only. If there are more chunks than run at once, their number is a multiple of that, so that
 * no chunk runs alone at the end. An empty source has one chunk. gzip and an array cannot be split.
 */
export function planChunks(
  { sizeBytes, format }: { sizeBytes: number; format: SourceFormat },
  settings: ChunkSettings,
): { chunkBytes: number; chunkCount: number } {
  const wanted = format === 'lines' ? chunksOfLines(sizeBytes, settings) : 1;
  const chunkBytes = Math.max(1, Math.ceil(sizeBytes / wanted));
  // A chunk has whole bytes, so a small source may need fewer chunks.
  return { chunkBytes, chunkCount: Math.max(1, Math.ceil(sizeBytes / chunkBytes)) };
}

function chunksOfLines(sizeBytes: number, { chunkBytes, chunkConcurrency }: ChunkSettings): number {
  const least = Math.max(1, Math.ceil(sizeBytes / chunkBytes));
  if (least <= chunkConcurrency) return least;
  const rounds = Math.min(Math.ceil(least / chunkConcurrency), Math.floor(maxChunks / chunkConcurrency));
  return rounds * chunkConcurrency;
}
