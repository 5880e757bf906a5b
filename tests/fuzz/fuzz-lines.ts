// Files of hostile lines, in chunks, blocks, resumes and batches of any size.
import { compare } from './compare.ts';
import { ingestFile } from './ingest-file.ts';
import { createLineMaker } from './make-line.ts';
import type { Random } from './random.ts';

const byteOrderMark = Buffer.from('\ufeff');
const newline = Buffer.from('\n');

export async function fuzzLines(random: Random): Promise<void> {
  const { int, pick, chance } = random;
  const makeLine = createLineMaker(random);
  const lines = Array.from({ length: chance(0.1) ? 300 + int(500) : 1 + int(40) }, makeLine);
  const file = Buffer.concat([
    chance(0.1) ? byteOrderMark : Buffer.alloc(0),
    ...lines.flatMap((line) => [line, newline]).slice(0, chance(0.7) ? undefined : -1),
  ]);
  const sizeBytes = file.length;
  const chunkBytes = Math.max(1, chance(0.3) ? sizeBytes : Math.ceil(sizeBytes / (1 + int(6))));
  const chunkCount = Math.max(1, Math.ceil(sizeBytes / chunkBytes));
  const ingested = await ingestFile({ format: 'lines', sizeBytes, chunkBytes, chunkCount }, file, random, {
    blockBytes: pick([7, 64, 100, 1_000, 4_096, 65_536]),
    batchRows: [1, 2, 3, 10, 100, 500],
  });
  compare(linesOf(file), ingested, 'blanks');
}

/** By offset, without newlines and without a mark at the file's beginning. */
export function linesOf(file: Buffer): Map<number, Buffer> {
  const lines = new Map<number, Buffer>();
  for (let offset = 0; offset < file.length; ) {
    const found = file.indexOf(newline, offset);
    const end = found === -1 ? file.length : found;
    const isMarked = offset === 0 && file.subarray(0, 3).equals(byteOrderMark);
    lines.set(offset, file.subarray(isMarked ? 3 : offset, end));
    offset = end + 1;
  }
  return lines;
}
