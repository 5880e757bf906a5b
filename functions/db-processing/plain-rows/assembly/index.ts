// AssemblyScript, compiled to WebAssembly by `npm run build:plain-rows`: plain lines become rows of the INSERT, sixteen bytes at a time.
// A line is plain where its bytes mean the same to JSON and to MySQL, as those of most lines do, or nearly so. Every other line,
// good or bad, is for parseReview, which alone decides what is rejected.
import { commaMark } from './characters';
import { filledColumns, otherFields } from './line';
import { isBeyondAscii, notPlain, scanLine } from './scan-line';
import { writeRow } from './write-row';

export { fields } from './fields';
export { key } from './write-row';

/** What a line takes of a batch in addition to its bytes, as in review-batch.ts. */
const rowOverheadBytes: usize = 128;
/** A row has at most twice a line's bytes, its key and its Region, and punctuation. */
const rowRoom: usize = 640;

// Why `rows` stopped.
const atEnd: i32 = 0;
const atOtherLine: i32 = 1;
const atOtherColumn: i32 = 2;
const atFullBatch: i32 = 3;

/**
 * Six 32-bit numbers that `rows` leaves: rows, place after the last one's line, bytes of SQL, columns that they fill, bytes in the batch, and
 * fields without a column.
 */
export const result: usize = memory.data(32);
/** Where lines lie, with room for sixteen bytes more; and where rows go. */
export const input: usize = 64 * 1024;
export const inputBytes: usize = 256 * 1024;
export const output: usize = 512 * 1024;
export const outputBytes: usize = 1024 * 1024;

/**
 * Writes a row to `output` for each line from `from` on (a place in `input`; each line has its newline) up to one that is not plain, that fills
 * other columns than `columns`, or that has no room in the batch any more. Returns which of them, or `atEnd`, and leaves `result`.
 * `format`: which one of `fields` the lines have. `offset`: of the first line. `isFirst`: no row stands before, so no comma. `isUtf8`: all input is; otherwise lines beyond ASCII are not plain.
 */
export function rows(
  format: i32,
  from: usize,
  to: usize,
  offset: f64,
  columns: i32,
  mostRows: u32,
  mostBytes: usize,
  isFirst: bool,
  isUtf8: bool,
  keyBytes: usize,
  regionBytes: usize,
): i32 {
  let at = input + from;
  const stop = input + to;
  let out = output;
  let count: u32 = 0;
  let batchBytes: usize = 0;
  let allFilled: i32 = 0;
  let unknownFields = 0;
  let why = atEnd;
  while (at < stop) {
    if (count >= mostRows) {
      why = atFullBatch;
      break;
    }
    const end = scanLine(at, format);
    if (end == notPlain || (isBeyondAscii && !isUtf8)) {
      why = atOtherLine;
      break;
    }
    if ((filledColumns() & ~columns) != 0) {
      why = atOtherColumn;
      break;
    }
    const rowBytes = end - at + rowOverheadBytes;
    const hasRoom = out - output + 2 * (end - at) + rowRoom <= outputBytes;
    if (batchBytes + rowBytes > mostBytes || !hasRoom) {
      why = atFullBatch;
      break;
    }
    if (count > 0 || !isFirst) {
      store<u8>(out, <u8>commaMark);
      out += 1;
    }
    out = writeRow(<u64>offset + (at - input - from), columns, keyBytes, regionBytes, out);
    count += 1;
    allFilled |= filledColumns();
    unknownFields += otherFields();
    batchBytes += rowBytes;
    at = end + 1;
  }
  store<u32>(result, count);
  store<u32>(result + 4, <u32>(at - input));
  store<u32>(result + 8, <u32>(out - output));
  store<i32>(result + 12, allFilled);
  store<u32>(result + 16, <u32>batchBytes);
  store<i32>(result + 20, unknownFields);
  return why;
}
