// A gzip stream, decompressed block by block.
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidInputError } from '../shared/errors.ts';

/**
 * Yields the decompressed bytes of all members, at most `maxBytes`: what would be more is taken for a bomb. Errors of
 * `compressed` itself pass through unchanged.
 * @throws {InvalidInputError} where the stream is not gzip, is cut off or corrupt, has other bytes after it, or is over the bound
 */
export async function* gunzip(
  compressed: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const unzip = createGunzip({ chunkSize: 64 * 1024 });
  let compressedBytes = 0;
  const counted = async function* () {
    for await (const block of compressed) {
      compressedBytes += block.length;
      yield block;
    }
  };
  const input = Readable.from(counted(), { objectMode: false });
  input.on('error', (error) => unzip.destroy(error));
  input.pipe(unzip);
  let decompressedBytes = 0;
  try {
    for await (const block of unzip as AsyncIterable<Buffer>) {
      decompressedBytes += block.length;
      if (decompressedBytes > maxBytes)
        throw new InvalidInputError(
          `gzip: more than ${maxBytes} bytes when decompressed, which MaxDecompressedMiB bounds`,
        );
      yield block;
    }
    // zlib takes whatever follows the last member for padding and drops it; a damaged member would be lost silently.
    if (unzip.bytesWritten < compressedBytes) throw new InvalidInputError('gzip: bytes after the end of the stream');
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw error;
    throw new InvalidInputError(`gzip: ${(error as Error).message}`, { cause: error });
  } finally {
    input.destroy();
    unzip.destroy();
  }
}
