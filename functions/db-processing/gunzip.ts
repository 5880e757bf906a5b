// Decompresses a gzip or zstd stream block by block.
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { InvalidInputError } from '../shared/errors.ts';
import { zstdFrames } from './zstd-frames.ts';

export type Compression = 'gzip' | 'zstd';

/**
 * Yields the decompressed bytes of all members (gzip) or frames (zstd), at most `maxBytes`. A longer stream counts as a bomb.
 * Zero bytes at the end are padding. Errors of `compressed` itself pass through unchanged.
 * @throws {InvalidInputError} if the stream is cut off or corrupt, has other bytes after it, or is over the bound
 */
export async function* decompress(
  compression: Compression,
  compressed: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const blocks = compression === 'gzip' ? gunzip(compressed) : unzstd(compressed);
  let decompressedBytes = 0;
  try {
    for await (const block of blocks) {
      decompressedBytes += block.length;
      if (decompressedBytes > maxBytes)
        throw new InvalidInputError(
          `${compression}: more than ${maxBytes} bytes when decompressed, which MaxDecompressedMiB bounds`,
        );
      yield block;
    }
  } catch (error) {
    if (!/^(Z_|ZSTD_)/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new InvalidInputError(`${compression}: ${(error as Error).message}`, { cause: error });
  }
}

const chunkSize = 64 * 1024;

async function* gunzip(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const unzip = createGunzip({ chunkSize });
  let compressedBytes = 0;
  /** The bytes up to the last one that is not zero. */
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
  try {
    yield* unzip as AsyncIterable<Buffer>;
    // zlib takes the bytes after the last member for padding and drops them. A damaged member would then be lost silently, so
    // the rest is read as well.
    input.unpipe(unzip);
    unzip.destroy();
    if (!input.readableEnded) for await (const _ of input);
    if (unzip.bytesWritten < withoutPadding) throw new InvalidInputError('gzip: bytes after the end of the stream');
  } finally {
    input.destroy();
    unzip.destroy();
  }
}

/** Node's decompressor stops after one frame, so each frame gets one. */
async function* unzstd(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const pieces = zstdFrames(compressed);
  try {
    for (let first = await pieces.next(); !first.done; first = await pieces.next()) {
      let piece = first.value;
      const frame = async function* () {
        for (;;) {
          yield piece.bytes;
          if (piece.endsFrame) return;
          const next = await pieces.next();
          if (next.done) return;
          piece = next.value;
        }
      };
      const unzip = createZstdDecompress({ chunkSize });
      const input = Readable.from(frame(), { objectMode: false });
      input.on('error', (error) => unzip.destroy(error));
      input.pipe(unzip);
      try {
        yield* unzip as AsyncIterable<Buffer>;
      } finally {
        input.destroy();
        unzip.destroy();
      }
    }
  } finally {
    await pieces.return();
  }
}
