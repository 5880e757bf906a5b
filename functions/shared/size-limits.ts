// The largest size of a source. One invocation has 900 seconds. Work that takes longer in one piece never ends.
import type { Source } from './contract.ts';
import { InvalidInputError } from './errors.ts';

const gibibyte = 1024 ** 3;

/** Postprocess copies about 400 GB in an invocation. A larger source could be read, but never leave the pending prefix. */
const maxMovedBytes = 300 * gibibyte;
/** DB-processing reads about 100 MB per second. It reads a source of one chunk always from the beginning. */
const maxWholeGibibytes = 20;

export const isTooLargeForWhole = (sizeBytes: number): boolean => sizeBytes > maxWholeGibibytes * gibibyte;

export const isTooLargeToMove = (sizeBytes: number): boolean => sizeBytes > maxMovedBytes;

/** @throws {InvalidInputError} if one invocation could never read the source as a whole. Sources of lines are cut, so they may be larger. */
export function refuseTooLarge({ format, sizeBytes }: Pick<Source, 'format' | 'sizeBytes'>): void {
  if (format === 'lines' || sizeBytes <= maxWholeGibibytes * gibibyte) return;
  throw new InvalidInputError(
    `the file has ${sizeBytes} bytes. A file that is not plain JSON lines is read as a whole, which works up to ${maxWholeGibibytes} GiB. ` +
      'Cut it into several files, or convert it to JSON lines.',
  );
}
