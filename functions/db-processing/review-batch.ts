// Rows of one INSERT, gathered as the bytes that will be sent.
import { headroomBytes, type Statement } from '../shared/mysql-statement.ts';
import { regionIfOpen } from './ledger.ts';
import type { Review } from './parse-review.ts';
import { openPlainLines, plainFormats } from './plain-rows/write-plain-rows.ts';
import { allColumns, filledColumns, insertInto, literalsOf, rowPrefix, rowText, unlessThere } from './review-store.ts';
import type { LineRun } from './split-lines.ts';

export interface Batch {
  /** The INSERT of all its rows. */
  insert: Statement;
  rows: number;
}

/**
 * A batch ends before its lines come to more than this. Escaping can make SQL almost four times as long as the line
 * (backslashes of a value that other_fields keeps as a text; 9e15 in `style`), so a statement stays below 4 MiB, the smallest
 * max_allowed_packet in use.
 */
export const maxBatchLineBytes = 1024 * 1024;
/** What a row's key, Region and punctuation take, whatever its line. */
const rowOverheadBytes = 128;

export interface BatchBuilder {
  /** Adds a review; returns a batch when this review did not fit into it any more, or made it full. */
  add(offset: number, review: Review, lineBytes: number): Batch | null;
  /** The same with lines as they are, where that will do. */
  plainLines(run: LineRun): PlainLines;
  /** What is left, if anything. */
  take(): Batch | null;
  /** Gives a batch back that was inserted: its memory, which is outside of the heap, serves the next one. */
  release(batch: Batch): void;
}

export interface PlainLines {
  /**
   * Adds the run's lines from the place `at` on, up to one that is not plain or that a batch ends at. `lines`: how many.
   * `to`: the place after them. `format`: theirs. `unknownFields`: how many of their fields no column takes.
   * `full`: the batch, where one ended; the line at `to` has not been looked at then.
   */
  add(at: number): { lines: number; to: number; full: Batch | null; format: string; unknownFields: number };
}

const noDraft = Buffer.alloc(0);
/** Of UTF-8, for one unit of UTF-16. */
const mostBytesOfUnit = 3;

/**
 * Room for statements, kept for the sandbox's next invocation too. It lies outside of the heap, where only a collection of the whole heap
 * would find that it is garbage.
 */
const free: Buffer[] = [];

/** `batchRows`: most rows of a batch. `plainable`: names of the formats whose lines may be taken as they are. */
export function createBatchBuilder(
  sourceId: string,
  regionIndicator: string,
  batchRows: number,
  plainable: readonly string[] = plainFormats,
): BatchBuilder {
  const prefix = rowPrefix(sourceId, regionIndicator);
  const rowKey = { beforeOffset: Buffer.from(prefix.sourceId), afterOffset: Buffer.from(prefix.region) };
  const fence = `,${regionIfOpen(sourceId, regionIndicator)}`;
  /** How much longer a statement gets at its beginning when it is complete. */
  const fenceBytes = Buffer.byteLength(fence) - rowKey.afterOffset.length;
  const begins = headroomBytes + fenceBytes;
  /** The statement in the making; most need far less room than there is. */
  let draft: Buffer = noDraft;
  let end = 0;
  /** Where its first row stands. */
  let firstRow = 0;
  let rows = 0;
  let bytes = 0;
  /** Those of the statement in the making. The first one names all, each later one what the source's rows have filled so far. */
  let columns = allColumns;
  let filledSoFar = 0;
  /** That of the last review. Lines of a file mostly have one format. */
  let format: string | undefined = plainable[0];

  const makeRoom = (needed: number) => {
    if (draft === noDraft) {
      draft = free.pop() ?? Buffer.allocUnsafeSlow(1024 * 1024);
      end = begins;
      end += draft.write(insertInto(columns), end, 'latin1');
      firstRow = end;
    }
    if (end + needed <= draft.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(end + needed, 2 * draft.length));
    draft.copy(larger, 0, 0, end);
    draft = larger;
  };
  const append = (text: string) => {
    makeRoom(1 + text.length * mostBytesOfUnit);
    end += draft.write(text, end, 'utf8');
  };
  /** In place of the first row's Region: what stands before it moves towards the beginning, where there is room. */
  const putFence = () => {
    const region = draft.indexOf(',', firstRow + rowKey.beforeOffset.length);
    draft.copyWithin(headroomBytes, begins, region);
    draft.write(fence, region - fenceBytes);
  };
  const take = (): Batch | null => {
    if (rows === 0) return null;
    append(unlessThere);
    putFence();
    const batch = { insert: draft.subarray(0, end), rows };
    draft = noDraft;
    rows = 0;
    bytes = 0;
    columns = filledSoFar;
    return batch;
  };
  /** The batch that has no room for this row, or not its columns. */
  const begin = (filled: number, lineBytes: number): Batch | null => {
    filledSoFar |= filled;
    const fits =
      (filled & ~columns) === 0 && rows < batchRows && bytes + lineBytes + rowOverheadBytes <= maxBatchLineBytes;
    if (fits) return null;
    const full = take();
    columns |= filled;
    return full;
  };
  /** A row was added. Returns the batch that is to be sent now; a row that another batch made room for waits. */
  const added = (full: Batch | null, lineBytes: number): Batch | null => {
    rows += 1;
    bytes += lineBytes + rowOverheadBytes;
    return full ?? (rows >= batchRows ? take() : null);
  };
  return {
    add(offset, review, lineBytes) {
      if (plainable.includes(review.format)) format = review.format;
      const literals = literalsOf(review);
      const full = begin(filledColumns(literals), lineBytes);
      const text = rowText(prefix, offset, literals, columns);
      append(rows === 0 ? text : `,${text}`);
      return added(full, lineBytes);
    },
    plainLines({ buffer, from, to, offset }) {
      const written = openPlainLines(buffer, from, to, offset, rowKey);
      return {
        add(at) {
          if (format === undefined) return { lines: 0, to: at, full: null, format: '', unknownFields: 0 };
          const place = plainFormats.indexOf(format);
          for (;;) {
            const room = { rows: batchRows - rows, batchBytes: Math.max(0, maxBatchLineBytes - bytes) };
            const added = written.write(at, { ...room, format: place, columns, isFirst: rows === 0 });
            filledSoFar |= added.filled;
            if (added.rows > 0) {
              makeRoom(added.sql.length);
              end += added.sql.copy(draft, end);
              rows += added.rows;
              bytes += added.batchBytes;
            }
            const { rows: lines, to, stop, unknownFields } = added;
            const counts = { lines, to, format, unknownFields };
            const isFull = stop === 'other-column' || stop === 'full-batch' || rows >= batchRows;
            if (!isFull) return { ...counts, full: null };
            const full = take();
            columns |= filledSoFar;
            // Where no row stood before it, a line that fills other columns begins the batch.
            if (full) return { ...counts, full };
          }
        },
      };
    },
    take,
    release({ insert }) {
      free.push(Buffer.from(insert.buffer));
    },
  };
}
