// Long, because all formats share the readings that are set up at the top.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Lines, readOwnedLines } from '../../../functions/db-processing/read-lines.ts';
import { bytesOf, type Line } from '../../../functions/db-processing/split-lines.ts';
import { InvalidInputError } from '../../../functions/shared/errors.ts';
import { linesOf } from '../../../local/reviews/lines-of.ts';

const limits = { maxLineBytes: 20, maxDecompressedBytes: 1_000_000 };

/** Reads an object that is all in memory, in blocks of a size; keeps what was asked for. */
function reading(content: Buffer, blockBytes: number) {
  const ranges: [number, number][] = [];
  const read = async function* (from: number, to: number) {
    ranges.push([from, to]);
    for (let at = from; at < to; at += blockBytes) yield content.subarray(at, Math.min(at + blockBytes, to));
  };
  return { read, ranges };
}

type KeptLine = Line & { bytes: Buffer };

async function gather(blocks: AsyncIterable<Lines>): Promise<KeptLine[]> {
  const all: KeptLine[] = [];
  for await (const block of blocks) {
    const lines = Array.isArray(block) ? block : linesOf({ tooLong: null, run: block }, limits.maxLineBytes);
    // A line lies in a buffer that is used again: what is kept is a copy.
    all.push(...lines.map((line) => ({ ...line, bytes: Buffer.from(bytesOf(line)) })));
  }
  return all;
}

async function linesByChunk(content: Buffer, chunkBytes: number, blockBytes: number): Promise<KeptLine[][]> {
  const source = { format: 'lines' as const, sizeBytes: content.length, chunkBytes };
  const chunks: KeptLine[][] = [];
  for (let index = 0; index * chunkBytes < Math.max(content.length, 1); index += 1) {
    chunks.push(await gather(readOwnedLines(source, index, null, reading(content, blockBytes).read, limits)));
  }
  return chunks;
}

/** The same lines, found without chunks, blocks or a splitter. */
function splitWhole(content: Buffer): { offset: number; text: string }[] {
  const texts = content.toString('latin1').split('\n');
  if (texts.at(-1) === '') texts.pop();
  let offset = 0;
  return texts.map((text) => {
    const line = { offset, text };
    offset += text.length + 1;
    return line;
  });
}

// Few different bytes, so that newlines fall on every edge; lengths on both sides of the longest line.
const content = fc
  .array(
    fc.oneof(
      fc.constant('\n'),
      fc.constant('\r\n'),
      fc.string({ maxLength: 45, unit: fc.constantFrom('a', '\u2028', 'é', '\r') }),
    ),
  )
  .map((texts) => Buffer.from(texts.join('')));

describe('the lines that the chunks of a file own', () => {
  it('are together the lines of the file, each once, however the file is cut into chunks and blocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 70 }),
        async (bytes, chunkBytes, blockBytes) => {
          const lines = (await linesByChunk(bytes, chunkBytes, blockBytes)).flat();
          const expected = splitWhole(bytes);
          expect(lines.map((line) => line.offset)).toEqual(expected.map((line) => line.offset));
          for (const [index, line] of lines.entries()) {
            const whole = expected[index]?.text ?? '';
            expect(line.tooLong).toBe(whole.length > limits.maxLineBytes);
            if (!line.tooLong) expect(line.bytes.toString('latin1')).toBe(whole);
            else expect(whole.startsWith(line.bytes.toString('latin1'))).toBe(true);
            const next = expected[index + 1]?.offset ?? bytes.length;
            if (line.openEnd) expect(line.nextOffset).toBeLessThanOrEqual(next);
            else expect(line.nextOffset).toBe(next);
            if (line.openEnd) expect(line.tooLong).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are the same when a chunk is taken up again at any of its lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 1, max: 70 }),
        async (bytes, chunkBytes, blockBytes) => {
          const source = { format: 'lines' as const, sizeBytes: bytes.length, chunkBytes };
          for (const [index, lines] of (await linesByChunk(bytes, chunkBytes, blockBytes)).entries()) {
            for (const [at, line] of lines.entries()) {
              const { read } = reading(bytes, blockBytes);
              const rest = await gather(readOwnedLines(source, index, line.nextOffset, read, limits));
              const comparable = ({ offset, tooLong, bytes }: KeptLine) => [
                offset,
                tooLong || bytes.toString('latin1'),
              ];
              expect(rest.map(comparable)).toEqual(lines.slice(at + 1).map(comparable));
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('end where the file ends, with or without a last newline', async () => {
    expect(splitWhole(Buffer.from('a\nb'))).toHaveLength(2);
    for (const text of ['a\nb\n', 'a\nb']) {
      const lines = (await linesByChunk(Buffer.from(text), 100, 100)).flat();
      expect(lines.map(({ offset, nextOffset }) => [offset, nextOffset])).toEqual([
        [0, 2],
        [2, text.length],
      ]);
    }
  });

  it('are none for an empty file, which is not even asked for', async () => {
    const { read, ranges } = reading(Buffer.alloc(0), 10);
    const source = { format: 'lines' as const, sizeBytes: 0, chunkBytes: 10 };
    expect(await gather(readOwnedLines(source, 0, null, read, limits))).toEqual([]);
    expect(ranges).toEqual([]);
  });

  it('are none where a line of an earlier chunk covers the whole chunk', async () => {
    const bytes = Buffer.from(`${'x'.repeat(15)}\nnext\n`);
    const chunks = await linesByChunk(bytes, 4, 3);
    expect(chunks.map((lines) => lines.map((line) => line.offset))).toEqual([[0], [], [], [], [16], []]);
  });

  it('do not make a chunk read far beyond its end for the end of an over-long line', async () => {
    const bytes = Buffer.alloc(3_000_000, 'x');
    const { read, ranges } = reading(bytes, 1000);
    const source = { format: 'lines' as const, sizeBytes: bytes.length, chunkBytes: 100 };
    const [line] = await gather(readOwnedLines(source, 0, null, read, limits));
    expect(line).toMatchObject({ offset: 0, tooLong: true, openEnd: true });
    expect(ranges).toHaveLength(1);
  });

  it('are kept to a beginning where they are over-long, wherever blocks end', async () => {
    const bytes = Buffer.from(`a\n${'x'.repeat(100_000)}\nb\n`);
    for (const blockBytes of [1, 4095, 4096, 4097, 200_000]) {
      const [, long, last] = (await linesByChunk(bytes, 1_000_000, blockBytes)).flat();
      expect(long?.bytes.length).toBeLessThanOrEqual(4096);
      expect(last?.bytes.toString()).toBe('b');
    }
  });
});

describe('the lines of a gzip file', () => {
  const gather_ = (stored: Buffer, from: number | null = null) =>
    gather(
      readOwnedLines(
        { format: 'gzip', sizeBytes: stored.length, chunkBytes: stored.length },
        0,
        from,
        reading(stored, 7).read,
        limits,
      ),
    );

  it('have their offsets in the decompressed stream, over all members', async () => {
    const lines = await gather_(Buffer.concat([gzipSync('a\nbb\nc'), gzipSync('c\nd')]));
    expect(lines.map(({ offset, bytes }) => [offset, bytes.toString()])).toEqual([
      [0, 'a'],
      [2, 'bb'],
      [5, 'cc'],
      [8, 'd'],
    ]);
  });

  it('are the elements where it holds a JSON array', async () => {
    const lines = await gather_(gzipSync(' \n[{"a":1}, 2]\n'));
    expect(lines.map(({ offset, bytes }) => [offset, bytes.toString()])).toEqual([
      [0, '{"a":1}'],
      [1, '2'],
    ]);
  });

  it('are none where nothing or only blanks were compressed', async () => {
    expect(await gather_(gzipSync(''))).toEqual([]);
    expect((await gather_(gzipSync(' \n '))).map((line) => line.bytes.toString())).toEqual([' ', ' ']);
  });

  it('go on at the line that is asked for', async () => {
    const lines = await gather_(gzipSync('a\nbb\nc'), 2);
    expect(lines.map((line) => line.offset)).toEqual([2, 5]);
  });
});

describe('the elements of a JSON array', () => {
  const elements = (text: string, blockBytes: number, from: number | null = null) => {
    const stored = Buffer.from(text);
    const source = { format: 'array' as const, sizeBytes: stored.length, chunkBytes: Math.max(stored.length, 1) };
    return gather(
      readOwnedLines(source, 0, from, reading(stored, blockBytes).read, { ...limits, maxLineBytes: 1_000_000 }),
    );
  };

  it('are those of the parsed array, however it is written and cut into blocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 50 }),
        async (values, indent, blockBytes) => {
          const lines = await elements(JSON.stringify(values, null, indent), blockBytes);
          expect(lines.map((line) => JSON.stringify(JSON.parse(line.bytes.toString())))).toEqual(
            values.map((value) => JSON.stringify(value)),
          );
          expect(lines.map((line) => line.offset)).toEqual(values.map((_, index) => index));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('come without a byte order mark, and go on at the ordinal that is asked for', async () => {
    const lines = await elements('\ufeff[1,2,3]', 2, 1);
    expect(lines.map(({ offset, nextOffset, bytes }) => [offset, nextOffset, bytes.toString()])).toEqual([
      [1, 2, '2'],
      [2, 3, '3'],
    ]);
  });

  it('come out as they are where they are no JSON, and empty ones count', async () => {
    expect((await elements('[1 2,,{x},]', 3)).map((line) => line.bytes.toString().trim())).toEqual([
      '1 2',
      '',
      '{x}',
      '',
    ]);
  });

  it('are cut to a beginning where they are over-long', async () => {
    const text = `["${'x'.repeat(1_000_100)}",2]`;
    const lines = await elements(text, 65_536);
    expect(lines.map(({ tooLong, bytes }) => [tooLong, bytes.length])).toEqual([
      [true, 4096],
      [false, 1],
    ]);
  });

  it('count on through several arrays, one a line or with commas between them', async () => {
    for (const text of ['[1,2][3]', '[1,2]\n[3]\n', '[1],[2,3],', '\n[][1]\u001e[2,3][]']) {
      for (const size of [1, 2, 3, 7]) expect(await elements(text, size)).toEqual(await elements('[1,2,3]', 3));
    }
  });

  it('make the file invalid where the array is cut off or followed by something', async () => {
    for (const text of ['[1,2', '[', '["a', '[1] x', '[1][2']) {
      await expect(elements(text, 3)).rejects.toThrow(InvalidInputError);
    }
  });
});
