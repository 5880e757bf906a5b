// Lines around the longest that is allowed and far longer, across the edges of small chunks; and lines that grow in SQL.
import { maxLineBytes } from '../../functions/db-processing/split-lines.ts';
import { planChunks } from '../../functions/preprocess/plan-chunks.ts';
import { linesOf } from './fuzz-lines.ts';
import { type Ingested, ingestFile } from './ingest-file.ts';
import type { Random } from './random.ts';

const mebibyte = 1024 * 1024;
const edges = [0, 1, 60, 100, 1_000, 65_535, 65_536, 262_143, 262_144, mebibyte - 128, mebibyte - 127, mebibyte - 1];
const beyond = [mebibyte, mebibyte + 1, mebibyte + 60_000, 2 * mebibyte, 3 * mebibyte + 7];

/** A review of so many bytes where they are enough for one. The apostrophe is doubled in SQL. */
function reviewOf(bytes: number, isPlain: boolean, filler: string): Buffer {
  const [head, tail] = isPlain
    ? ['{"reviewerID":"A","asin":"B","style":{"k":"', '"}}']
    : ['{"reviewerID":"A","asin":"B","vote":"1,234","reviewText":"', '"}'];
  const room = bytes - head.length - tail.length;
  return Buffer.from(room < 0 ? 'x'.repeat(bytes) : head + filler.repeat(room) + tail);
}

export async function fuzzLongLines(random: Random): Promise<void> {
  const { int, pick, chance } = random;
  const bytesOfLine = () => pick([...edges, ...beyond, int(200_000), int(mebibyte)]);
  const makeLine = () => {
    if (chance(0.1)) return Buffer.alloc(bytesOfLine(), ' ');
    return reviewOf(bytesOfLine(), chance(0.5), pick(['y', "'"]));
  };
  // Many lines that fit a batch only a few at a time, after one that fills it.
  const many = () => [reviewOf(mebibyte - int(300), false, "'"), ...Array(80).fill(reviewOf(65_535, true, "'"))];
  const lines: Buffer[] = chance(0.3) ? many() : Array.from({ length: 1 + int(12) }, makeLine);
  const parts = lines.flatMap((line) => [line, Buffer.from('\n')]);
  const file = Buffer.concat(chance(0.4) ? parts.slice(0, -1) : parts);
  const sizeBytes = file.length;
  const chunkBytes = pick([65_536, 100_000, 262_144, mebibyte, mebibyte + 1, 3 * mebibyte]);
  const plan = planChunks({ sizeBytes, format: 'lines' }, { chunkBytes, chunkConcurrency: pick([1, 4]) });
  const ingested = await ingestFile({ format: 'lines', sizeBytes, ...plan }, file, random, {
    blockBytes: pick([16_384, 65_536, 500_000, 3 * mebibyte]),
    batchRows: [1, 2, 500, 10_000],
  });
  compareFates(linesOf(file), ingested);
}

function compareFates(lines: ReadonlyMap<number, Buffer>, { rows, rejected, totals }: Ingested): void {
  let blank = 0;
  for (const [offset, bytes] of lines) {
    const expected = fateOf(bytes);
    if (expected === 'blank') blank += 1;
    const found = rows.has(offset) ? 'row' : (rejected.get(offset) ?? 'blank');
    if (found !== expected) {
      throw new Error(`the line of ${bytes.length} bytes at ${offset} is ${found} and not ${expected}`);
    }
  }
  if (totals.lines !== lines.size || totals.blank !== blank || rows.size + rejected.size + blank !== lines.size) {
    throw new Error(`counts ${totals.lines} lines and not ${lines.size}`);
  }
}

function fateOf(bytes: Buffer): string {
  if (bytes.length > maxLineBytes) return 'line-too-long';
  if (bytes.every((byte) => byte === 0x20)) return 'blank';
  return bytes[0] === '{'.charCodeAt(0) ? 'row' : 'malformed-json';
}
