// Reads the lines that a chunk owns: every line whose first byte lies in [start, end). A chunk begins to read one byte early. This
// byte is a newline if a line begins at `start`. The chunk reads past its end to finish its last line.
import type { Source } from '../shared/contract.ts';
import { UnsupportedFormatError } from '../shared/errors.ts';
import { firstByte, type jsonKinds, recognizeBytes, recognizeContent } from '../shared/recognize-content.ts';
import type { RecordFormat } from '../shared/record-formats.ts';
import { decompress } from './gunzip.ts';
import { readTable } from './read-table.ts';
import { compressionOf, refusalBytes, refusalOf } from './refuse-container.ts';
import { createElementSplitter } from './split-elements.ts';
import { createLineSplitter, type Line, type LineRun, linesBefore } from './split-lines.ts';
import { createValueSplitter } from './split-values.ts';
import { transcode } from './transcode.ts';

/** Yields the bytes [from, to) of the object. */
export type ReadRange = (from: number, to: number) => AsyncIterable<Buffer>;

/** Most last lines end within this many bytes after the chunk, so one request is enough. */
const tailBytes = 16 * 1024;
/** If it is not enough, ask for this much more at a time. */
const moreTailBytes = 256 * 1024;

export interface LineLimits {
  maxLineBytes: number;
  /** The bound for a decompressed file, all members together. */
  maxDecompressedBytes: number;
  /** Record formats whose names a table's header may have too. */
  addedFormats?: readonly RecordFormat[];
  /** Called with the format of the source, such as `lines` or `gzip of csv`. */
  onContainer?: (container: string) => void;
}

/** The lines of one block: a run of lines in a buffer, or single lines. */
export type Lines = LineRun | Line[];

/**
 * Yields the owned lines that begin at `nextOffset` (null: the chunk's first) or later, block by block.
 * Their bytes are valid until the caller asks for the next block.
 */
export function readOwnedLines(
  source: Pick<Source, 'format' | 'sizeBytes' | 'chunkBytes'>,
  chunkIndex: number,
  nextOffset: number | null,
  read: ReadRange,
  limits: LineLimits,
): AsyncIterable<Lines> {
  if (source.format === 'lines') {
    limits.onContainer?.('lines');
    const start = Math.min(chunkIndex * source.chunkBytes, source.sizeBytes);
    const end = Math.min(start + source.chunkBytes, source.sizeBytes);
    return readChunk(source.sizeBytes, start, end, nextOffset, read, limits);
  }
  return from(nextOffset ?? 0, readWhole(source, read, limits));
}

async function* readChunk(
  sizeBytes: number,
  start: number,
  end: number,
  nextOffset: number | null,
  read: ReadRange,
  limits: LineLimits,
): AsyncGenerator<Lines, void, undefined> {
  const atLineStart = nextOffset !== null || start === 0;
  const first = nextOffset ?? Math.max(start - 1, 0);
  if (first >= end || start >= end) return;
  let splitter = atLineStart ? createLineSplitter(first, limits.maxLineBytes) : null;
  let position = first;
  for await (let block of readOnward(first, end, sizeBytes, read)) {
    position += block.length;
    if (!splitter) {
      const newline = block.indexOf(0x0a);
      const lineStart = newline === -1 ? position : position - block.length + newline + 1;
      // No line begins in this chunk. An earlier chunk owns all of it.
      if (lineStart >= end) return;
      if (newline === -1) continue;
      splitter = createLineSplitter(lineStart, limits.maxLineBytes);
      block = block.subarray(newline + 1);
    }
    const { tooLong, run } = splitter.push(block);
    if (tooLong) yield [tooLong];
    const owned = linesBefore(run, end);
    if (owned.from < owned.to) yield { ...owned, endsFile: position === sizeBytes };
    if (position < end) continue;
    const begun = splitter.begun();
    if (begun === null || begun.offset >= end) return;
    // The end of an over-long line may be a gigabyte away. Do not look for it beyond the chunk.
    if (begun.tooLong && position < sizeBytes) {
      yield splitter.end(true);
      return;
    }
  }
  yield splitter?.end() ?? [];
}

/** Yields one range for the chunk and a little more, then small ranges while the reader asks. */
async function* readOnward(first: number, end: number, sizeBytes: number, read: ReadRange) {
  let from = first;
  let to = Math.min(end + tailBytes, sizeBytes);
  while (from < to) {
    yield* read(from, to);
    from = to;
    to = Math.min(to + moreTailBytes, sizeBytes);
  }
}

/**
 * The bytes of the content, decompressed if need be.
 * @throws {UnsupportedFormatError} if the first bytes, before or after decompression, are those of a format that this service does not read
 */
async function openContent(
  stored: AsyncIterable<Buffer>,
  limits: LineLimits,
): Promise<{ compression: string; blocks: AsyncIterable<Buffer> }> {
  const outer = await withHead(stored, refusalBytes);
  const compression = compressionOf(outer.head);
  if (compression === null) {
    refuse(outer.head);
    return { compression: '', blocks: transcode(outer.head, outer.blocks) };
  }
  const inner = await withHead(decompress(compression, outer.blocks, limits.maxDecompressedBytes), refusalBytes);
  const again = compressionOf(inner.head);
  if (again !== null)
    throw new UnsupportedFormatError(
      `the file is ${again} inside ${compression}, which this service does not read. Decompress it once, then upload it.`,
    );
  refuse(inner.head, compression);
  return { compression, blocks: transcode(inner.head, inner.blocks) };
}

function refuse(head: Buffer, compression?: string): void {
  const refusal = refusalOf(head);
  if (refusal === null) return;
  throw new UnsupportedFormatError(compression ? `inside ${compression}: ${refusal}` : refusal);
}

/** The first bytes of a stream, and all of its blocks. `isWhole`: the first bytes are the whole stream. */
async function withHead(stream: AsyncIterable<Buffer>, headBytes: number) {
  const blocks = stream[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  while (!ended && bytes < headBytes) {
    const next = await blocks.next();
    if (next.done) ended = true;
    else {
      first.push(Buffer.from(next.value));
      bytes += next.value.length;
    }
  }
  async function* all(): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* first;
      if (!ended) yield* { [Symbol.asyncIterator]: () => blocks };
    } finally {
      await blocks.return?.();
    }
  }
  return { head: Buffer.concat(first).subarray(0, headBytes), blocks: all(), isWhole: ended };
}

/**
 * The records of a stream that is always read from its beginning. A file of lines is planned as a whole only if a value in it continued
 * after its line (NotLinesError). It is then read as values. Records that are lines keep the same offsets.
 */
async function* readWhole(
  { format, sizeBytes }: Pick<Source, 'format' | 'sizeBytes'>,
  read: ReadRange,
  limits: LineLimits,
): AsyncGenerator<Lines, void, undefined> {
  const content = await openContent(read(0, sizeBytes), limits);
  const { head, blocks, isWhole, offset } = await behindBlanks(content.blocks);
  const recognized = recognizeContent(head, isWhole, limits.addedFormats);
  const tell = (name: string | undefined) =>
    limits.onContainer?.([content.compression, name].filter(Boolean).join(' of '));
  if (recognized.kind === 'table') {
    tell(tableNames[recognized.delimiter]);
    yield* readTable(blocks, recognized, limits.maxLineBytes);
    return;
  }
  // Preprocess plans lines as lines. So a file of lines that is planned as a whole has values that continue after their line.
  const isValues = recognized.kind === 'lines' && (format === 'whole' || offset > 0);
  const kind = isValues ? 'values' : recognized.kind;
  tell(kind);
  const splitter = splitterOf(kind, offset, limits.maxLineBytes);
  for await (const block of blocks) yield* splitter.push(block);
  yield* splitter.end();
}

/** Leaves blanks out if there are more than it looks at. `offset`: of the first byte in the stream. */
async function behindBlanks(stream: AsyncIterable<Buffer>) {
  const start = await withHead(stream, recognizeBytes);
  if (start.isWhole || firstByte(start.head) < start.head.length) return { ...start, offset: 0 };
  let offset = 0;
  async function* withoutBlanks(): AsyncGenerator<Buffer, void, undefined> {
    let isBlank = true;
    for await (const block of start.blocks) {
      const blanks: number = isBlank ? firstByte(block) : 0;
      offset += blanks;
      isBlank &&= blanks === block.length;
      if (!isBlank) yield block.subarray(blanks);
    }
  }
  const rest = await withHead(withoutBlanks(), recognizeBytes);
  return { ...rest, offset };
}

export const tableNames: Record<string, string> = { '\t': 'tsv', ',': 'csv', ';': 'csv' };

interface Splitter {
  push(block: Buffer): Lines[];
  end(): Lines[];
}

function splitterOf(kind: (typeof jsonKinds)[number], offset: number, maxLineBytes: number): Splitter {
  if (kind === 'lines') return linesOf(maxLineBytes);
  const splitter =
    kind === 'array' ? createElementSplitter(maxLineBytes) : createValueSplitter({ offset, maxBytes: maxLineBytes });
  return { push: (block) => [splitter.push(block)], end: () => [splitter.end()] };
}

function linesOf(maxLineBytes: number): Splitter {
  const splitter = createLineSplitter(0, maxLineBytes);
  return {
    push(block: Buffer): Lines[] {
      const { tooLong, run } = splitter.push(block);
      return tooLong ? [[tooLong], run] : [run];
    },
    end: () => [splitter.end()],
  };
}

/** Drops the lines before `nextOffset`, at which a line or an element begins. */
async function* from(nextOffset: number, lines: AsyncIterable<Lines>): AsyncGenerator<Lines, void, undefined> {
  for await (const block of lines) {
    if (Array.isArray(block)) yield block.filter((line) => line.offset >= nextOffset);
    else {
      const skipped = Math.min(Math.max(nextOffset - block.offset, 0), block.to - block.from);
      yield { ...block, from: block.from + skipped, offset: block.offset + skipped };
    }
  }
}
