// A gzip or zstd stream, decompressed block by block.
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { InvalidInputError } from '../shared/errors.ts';

export type Compression = 'gzip' | 'zstd';

/**
 * Yields the decompressed bytes of all members (gzip) or of the one frame (zstd), at most `maxBytes`: more is taken for a bomb. Node's
 * decompressor stops after one frame, so another one is refused as bytes after the end.
 * Zero bytes at the end are padding. Errors of `compressed` itself pass through unchanged.
 * @throws {InvalidInputError} where the stream is cut off or corrupt, has other bytes after it, or is over the bound
 */
export async function* decompress(
  compression: Compression,
  compressed: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const create = compression === 'gzip' ? createGunzip : createZstdDecompress;
  const unzip = create({ chunkSize: 64 * 1024 });
  let compressedBytes = 0;
  /** Up to and with the last byte that is not zero. */
  let withoutPadding = 0;
  const counted = async function* () {
    for await (const block of compressed) {
      const used = block.findLastIndex((byte) => byte !== 0) + 1;
      if (used > 0) withoutPadding = compressedBytes + used;
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
          `${compression}: more than ${maxBytes} bytes when decompressed, which MaxDecompressedMiB bounds`,
        );
      yield block;
    }
    // zlib takes what follows the last member for padding, drops it and asks for no more. A damaged member would be lost silently, so
    // the rest is read as well.
    input.unpipe(unzip);
    unzip.destroy();
    if (!input.readableEnded) for await (const _ of input);
    if (unzip.bytesWritten < withoutPadding)
      throw new InvalidInputError(`${compression}: bytes after the end of the stream`);
  } catch (error) {
    if (!/^(Z_|ZSTD_)/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new InvalidInputError(`${compression}: ${(error as Error).message}`, { cause: error });
  } finally {
    input.destroy();
    unzip.destroy();
  }
}
