// The bytes of an object that one chunk covers.
import type { Source } from './contract.ts';

/** The chunk's bytes of the stored object. The only chunk of a source has all of them. */
export function ownBytes(
  { format, sizeBytes, chunkBytes }: Pick<Source, 'format' | 'sizeBytes' | 'chunkBytes'>,
  chunkIndex: number,
): { from: number; to: number } {
  if (format !== 'lines') return { from: 0, to: sizeBytes };
  const from = Math.min(chunkIndex * chunkBytes, sizeBytes);
  return { from, to: Math.min(from + chunkBytes, sizeBytes) };
}
