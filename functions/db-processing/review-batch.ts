// Rows of one INSERT, gathered as SQL text.
import type { Review } from './parse-review.ts';
import { rowPrefix, rowText } from './review-store.ts';

export interface Batch {
  /** The rows of the INSERT, separated by commas. */
  rowTexts: string;
  rows: number;
  /** The offset of one of its rows. */
  lastOffset: number;
}

/**
 * A batch ends before its lines come to more than this. Escaping can make SQL up to 3.7 times as long as the line (votes
 * for the worst case: 9e15 in `style`), so a statement stays below 4 MiB, the smallest max_allowed_packet in use.
 */
export const maxBatchLineBytes = 1024 * 1024;
/** What a row's key, Region and punctuation take, whatever its line. */
const rowOverheadBytes = 128;

export interface BatchBuilder {
  /** Adds a review; returns a batch when this review did not fit into it any more, or made it full. */
  add(offset: number, review: Review, lineBytes: number): Batch | null;
  /** What is left, if anything. */
  take(): Batch | null;
}

export function createBatchBuilder(sourceId: string, regionIndicator: string, batchRows: number): BatchBuilder {
  const prefix = rowPrefix(sourceId, regionIndicator);
  let rowTexts = '';
  let rows = 0;
  let bytes = 0;
  let lastOffset = 0;

  const take = (): Batch | null => {
    if (rows === 0) return null;
    const batch = { rowTexts, rows, lastOffset };
    rowTexts = '';
    rows = 0;
    bytes = 0;
    return batch;
  };
  return {
    add(offset, review, lineBytes) {
      const full =
        rows > 0 && (rows >= batchRows || bytes + lineBytes + rowOverheadBytes > maxBatchLineBytes) ? take() : null;
      const text = rowText(prefix, offset, review);
      rowTexts = rows === 0 ? text : `${rowTexts},${text}`;
      rows += 1;
      bytes += lineBytes + rowOverheadBytes;
      lastOffset = offset;
      return full ?? (rows >= batchRows ? take() : null);
    },
    take,
  };
}
