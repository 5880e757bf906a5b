// Which bytes of an object a chunk answers for.
import type { Source } from './contract.ts';

/** Bytes of the object, as it is stored, that are the chunk's own. What is one chunk has all of them. */
export function ownBytes(
  { format, sizeBytes, chunkBytes }: Pick<Source, 'format' | 'sizeBytes' | 'chunkBytes'>,
  chunkIndex: number,
): { from: number; to: number } {
  if (format !== 'lines') return { from: 0, to: sizeBytes };
  const from = Math.min(chunkIndex * chunkBytes, sizeBytes);
  return { from, to: Math.min(from + chunkBytes, sizeBytes) };
}
