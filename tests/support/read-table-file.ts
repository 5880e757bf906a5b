// A table read as DB-processing reads it: the reviews in it, and what was counted.
import { createLineAccount } from '../../functions/db-processing/account-lines.ts';
import { noProgress } from '../../functions/db-processing/ingest-chunk.ts';
import { type Review, type ReviewParser, reviewParser } from '../../functions/db-processing/parse-review.ts';
import { readOwnedLines } from '../../functions/db-processing/read-lines.ts';
import { bytesOf } from '../../functions/db-processing/split-lines.ts';
import { sniffFormat } from '../../functions/shared/sniff-format.ts';

const limits = { maxLineBytes: 1024 * 1024, maxDecompressedBytes: 64 * 1024 * 1024 };

export interface TableRead {
  reviews: Review['columns'][];
  lines: number;
  blank: number;
  rejectedByReason: Record<string, number>;
  /** The beginning of each. */
  rejected: string[];
  container: string;
}

export async function readTableFile(
  content: Buffer | string,
  blockBytes: number,
  parser: ReviewParser = reviewParser,
): Promise<TableRead> {
  const bytes = Buffer.from(content);
  const format = sniffFormat(bytes, true);
  const source = { format, sizeBytes: bytes.length, chunkBytes: Math.max(1, bytes.length) };
  const read = async function* (from: number, to: number) {
    for (let at = from; at < to; at += blockBytes) yield Buffer.from(bytes.subarray(at, Math.min(to, at + blockBytes)));
  };
  const progress = noProgress(0);
  const found: TableRead = { reviews: [], lines: 0, blank: 0, rejectedByReason: {}, rejected: [], container: '' };
  const batches = {
    add: (_offset: number, { columns }: Review) => {
      found.reviews.push(columns);
      return null;
    },
    plainLines: () => ({ add: (to: number) => ({ lines: 0, to, full: null, format: '', unknownFields: 0 }) }),
  };
  const rejected = {
    add: (line: Parameters<typeof bytesOf>[0]) => found.rejected.push(bytesOf(line).toString('utf8', 0, 60)),
  };
  const account = createLineAccount(progress, batches, { add: (line) => void rejected.add(line) }, parser);
  const onContainer = (container: string) => {
    found.container = container;
  };
  const onLines = { ...limits, addedFormats: parser.added, onContainer };
  for await (const lines of readOwnedLines(source, 0, null, read, onLines)) for (const _ of account.fullBatches(lines));
  const { lines, blank, rejectedByReason } = progress;
  return { ...found, lines, blank, rejectedByReason };
}
