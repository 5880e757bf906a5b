// No statement comes near max_allowed_packet, for any lines. The smallest value in use is 4 MiB.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLineAccount } from '../../../functions/db-processing/account-lines.ts';
import { noProgress } from '../../../functions/db-processing/ingest-chunk.ts';
import { readOwnedLines } from '../../../functions/db-processing/read-lines.ts';
import { type Batch, createBatchBuilder } from '../../../functions/db-processing/review-batch.ts';
import { maxLineBytes } from '../../../functions/db-processing/split-lines.ts';
import { headroomBytes } from '../../../functions/shared/mysql-statement.ts';

const smallestPacketBytes = 4 * 1024 * 1024;

/** Text that grows when it becomes SQL, each in its own way: quotes, backslashes, escapes of JSON, long numbers. */
const fillers = {
  reviewText: ["'", String.raw`\"`, String.raw`\\`, String.raw`\u0000`, 'é', 'a'],
  summary: ["'", 'a'],
  style: ['1e15,', '9007199254740991,', '"\'",', String.raw`"\u0000",`],
  vote: [''],
  // Half of a surrogate pair, so that the value is kept as a text, with each escape escaped.
  other: [String.raw`\\`, String.raw`\"`, "'", 'a'],
};

function lineOf(column: keyof typeof fillers, filler: string, bytes: number): string {
  const [head, tail] =
    column === 'style'
      ? ['{"reviewerID":"A","asin":"B","style":{"k":[', '0]}}']
      : [
          `{"reviewerID":"A","asin":"B","vote":"1,234","${column}":"${column === 'other' ? String.raw`\ud800` : ''}`,
          '"}',
        ];
  const room = bytes - head.length - tail.length;
  return head + filler.repeat(Math.max(0, Math.floor(room / Math.max(1, Buffer.byteLength(filler))))) + tail;
}

const line = fc
  .constantFrom<keyof typeof fillers>('reviewText', 'summary', 'style', 'vote', 'other')
  .chain((column) =>
    fc.tuple(
      fc.constant(column),
      fc.constantFrom(...fillers[column]),
      fc.oneof(
        fc.integer({ min: maxLineBytes - 300, max: maxLineBytes }),
        fc.integer({ min: 60_000, max: 66_000 }),
        fc.integer({ min: 60, max: 3_000 }),
      ),
    ),
  );

const blockBytes = 64 * 1024;
const limits = { maxLineBytes, maxDecompressedBytes: Number.POSITIVE_INFINITY };

/** Bytes of each statement that the lines become, read in blocks as S3 sends them. */
async function statementBytesOf(lines: string[], batchRows: number): Promise<number[]> {
  const file = Buffer.from(`${lines.join('\n')}\n`);
  async function* read(from: number, to: number) {
    for (let at = from; at < to; at += blockBytes) yield file.subarray(at, Math.min(to, at + blockBytes));
  }
  const batches = createBatchBuilder('0'.repeat(32), 'us-east-1', batchRows);
  const account = createLineAccount(noProgress(0), batches, { add: () => {} });
  const sizes: number[] = [];
  const measure = (batch: Batch | null) => {
    if (batch === null) return;
    sizes.push(batch.insert.length - headroomBytes);
    batches.release(batch);
  };
  const source = { format: 'lines' as const, sizeBytes: file.length, chunkBytes: file.length };
  for await (const some of readOwnedLines(source, 0, null, read, limits)) {
    for (const batch of account.fullBatches(some)) measure(batch);
  }
  for (const batch of batches.takeRest()) measure(batch);
  return sizes;
}

describe('a statement', () => {
  it('is below 4 MiB for any lengths of lines, any escapes and any number of rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(1, 500, 10_000),
        async (lines, batchRows) => {
          const made = lines.map((one) => lineOf(...one));
          for (const bytes of await statementBytesOf(made, batchRows)) expect(bytes).toBeLessThan(smallestPacketBytes);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is below 4 MiB after a line that leaves no room for bytes in its batch', async () => {
    const long = lineOf('reviewText', "'", maxLineBytes);
    const [head, tail] = ['{"reviewerID":"A","asin":"B","style":{"k":"', '"}}'];
    const plain = head + "'".repeat(blockBytes - 1 - head.length - tail.length) + tail;
    const sizes = await statementBytesOf([long, ...Array.from({ length: 300 }, () => plain)], 500);
    expect(Math.max(...sizes)).toBeLessThan(smallestPacketBytes);
  });
});
