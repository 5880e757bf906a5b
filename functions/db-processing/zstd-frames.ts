// Finds the frames of a zstd stream without decompressing them (RFC 8878, section 3.1). Tools that compress in parallel, or
// append, write several frames. Skippable frames hold no content.
import { InvalidInputError } from '../shared/errors.ts';

export interface ZstdPiece {
  bytes: Buffer;
  endsFrame: boolean;
}

const magicBytes = [0x28, 0xb5, 0x2f, 0xfd];

export const isZstdMagic = (head: Uint8Array) => magicBytes.every((byte, index) => head[index] === byte);
export const isSkippableMagic = (head: Uint8Array) =>
  ((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;

/**
 * Zero bytes at the end are padding.
 * @throws {InvalidInputError} if the stream is cut off, or has other bytes after a frame
 */
export async function* zstdFrames(blocks: AsyncIterable<Buffer>): AsyncGenerator<ZstdPiece, void, undefined> {
  const input = reader(blocks);
  try {
    for (;;) {
      const magic = await input.take(4);
      if (magic.length < 4 || magic.every((byte) => byte === 0)) {
        await input.expectPadding(magic);
        return;
      }
      if (isSkippableMagic(magic)) {
        const length = await input.takeAll(4);
        for await (const _ of input.pass(length.readUInt32LE(0)));
        continue;
      }
      if (!isZstdMagic(magic)) throw new InvalidInputError('zstd: bytes after the end of the stream');
      yield* frame(magic, input);
    }
  } finally {
    await input.close();
  }
}

type Input = ReturnType<typeof reader>;

/** Many blocks are small. Each piece costs about 0.1 ms. A block has at most 128 KiB, or 2 MiB in a damaged file. */
const pieceBytes = 32 * 1024;

/** Magic, header, blocks with three bytes before each, and a checksum. */
async function* frame(magic: Buffer, input: Input): AsyncGenerator<ZstdPiece, void, undefined> {
  const descriptor = await input.takeAll(1);
  const flags = descriptor[0] as number;
  const isSingleSegment = (flags & 0x20) !== 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] as number;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] as number;
  const header = await input.takeAll((isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes);
  const hasChecksum = (flags & 4) !== 0;
  let parts = [magic, descriptor, header];
  let gathered = 0;
  for (let isLast = false; !isLast; ) {
    const blockHeader = await input.takeAll(3);
    const bits = blockHeader.readUIntLE(0, 3);
    isLast = (bits & 1) === 1;
    // A block of type 1 repeats one byte.
    const length = ((bits >> 1) & 3) === 1 ? 1 : bits >> 3;
    parts.push(blockHeader, await input.takeAll(length));
    gathered += length;
    if (gathered < pieceBytes) continue;
    yield { bytes: Buffer.concat(parts), endsFrame: false };
    parts = [];
    gathered = 0;
  }
  yield { bytes: Buffer.concat([...parts, await input.takeAll(hasChecksum ? 4 : 0)]), endsFrame: true };
}

/** The stream, by numbers of bytes. */
function reader(stream: AsyncIterable<Buffer>) {
  const blocks = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const isAtEnd = async () => {
    while (rest.length === 0) {
      const next = await blocks.next();
      if (next.done) return true;
      rest = next.value;
    }
    return false;
  };
  /** This many bytes, or those up to the end. */
  const take = async (length: number): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0 && !(await isAtEnd()); ) {
      const part = rest.subarray(0, missing);
      parts.push(part);
      rest = rest.subarray(part.length);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  };
  return {
    take,
    async takeAll(length: number): Promise<Buffer> {
      const bytes = await take(length);
      if (bytes.length < length) throw new InvalidInputError('zstd: unexpected end of file');
      return bytes;
    },
    async *pass(length: number): AsyncGenerator<Buffer, void, undefined> {
      for (let missing = length; missing > 0; ) {
        if (await isAtEnd()) throw new InvalidInputError('zstd: unexpected end of file');
        const part = rest.subarray(0, missing);
        rest = rest.subarray(part.length);
        missing -= part.length;
        yield part;
      }
    },
    async expectPadding(begin: Buffer): Promise<void> {
      let bytes = begin;
      for (;;) {
        if (bytes.some((byte) => byte !== 0)) throw new InvalidInputError('zstd: bytes after the end of the stream');
        if (await isAtEnd()) return;
        bytes = rest;
        rest = rest.subarray(rest.length);
      }
    },
    close: async () => {
      await blocks.return?.();
    },
  };
}
