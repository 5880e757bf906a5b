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

/** Arithmetic alone: nothing is read. At least one chunk, also of an empty source; gzip and an array cannot be split. */
export function planChunks(
  { sizeBytes, format }: { sizeBytes: number; format: SourceFormat },
  chunkBytes: number,
): { chunkBytes: number; chunkCount: number } {
  if (format !== 'lines') return { chunkBytes: Math.max(1, sizeBytes), chunkCount: 1 };
  const bytes = Math.max(chunkBytes, Math.ceil(sizeBytes / maxChunks));
  return { chunkBytes: bytes, chunkCount: Math.max(1, Math.ceil(sizeBytes / bytes)) };
}
