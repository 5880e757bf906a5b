// Gathers the rows of one INSERT as the bytes that will be sent.
import { headroomBytes, type Statement } from '../shared/mysql-statement.ts';
import { columnNames } from '../shared/record-formats.ts';
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
/** Bytes of a row's key, Region and punctuation. They do not depend on its line. */
const rowOverheadBytes = 128;

export interface BatchBuilder {
  /** Adds a review. Returns a batch if this review did not fit into it, or filled it. */
  add(offset: number, review: Review, lineBytes: number): Batch | null;
  /** Does the same with plain lines, without parsing them. */
  plainLines(run: LineRun): PlainLines;
  /** What is left. */
  takeRest(): Batch[];
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

/** For UTF-8, of one unit of UTF-16. */
const mostBytesOfUnit = 3;

/**
 * Buffers for statements, kept for the sandbox's next invocation too. They lie outside of the heap, and only a full garbage collection
 * would free them.
 */
const free: Buffer[] = [];

/** A statement in the making. */
interface Draft {
  rows(): number;
  /** Of its lines, with an overhead each. */
  bytes(): number;
  /** Those that its INSERT names, a bit each. */
  columns(): number;
  /** Adds rows as SQL, with commas between them, and before them unless no row stands before. */
  add(sql: Buffer | string, rows: number, bytes: number): void;
  /** Completes it. The next statement names `columns`. */
  take(columns: number): Batch | null;
}

/** `fence` takes the place of the Region, `region`, in the first row: it is shorter than the room before a statement. */
function createDraft(beforeOffset: Buffer, region: Buffer, fence: string): Draft {
  /** How much longer the statement gets at its beginning when it is complete. */
  const fenceBytes = Buffer.byteLength(fence) - region.length;
  const begins = headroomBytes + fenceBytes;
  let buffer: Buffer | undefined;
  let end = 0;
  /** Where its first row stands. */
  let firstRow = 0;
  let rows = 0;
  let bytes = 0;
  let columns = allColumns;

  const withRoom = (needed: number): Buffer => {
    if (buffer === undefined) {
      buffer = free.pop() ?? Buffer.allocUnsafeSlow(1024 * 1024);
      end = begins;
      end += buffer.write(insertInto(columns), end, 'latin1');
      firstRow = end;
    }
    if (end + needed > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end + needed, 2 * buffer.length));
      buffer.copy(larger, 0, 0, end);
      buffer = larger;
    }
    return buffer;
  };
  const append = (sql: Buffer | string) => {
    const isText = typeof sql === 'string';
    const statement = withRoom(isText ? sql.length * mostBytesOfUnit : sql.length);
    end += isText ? statement.write(sql, end, 'utf8') : sql.copy(statement, end);
  };
  /** In place of the first row's Region. All that stands before it moves towards the beginning, where there is room. */
  const putFence = (statement: Buffer) => {
    const place = statement.indexOf(',', firstRow + beforeOffset.length);
    statement.copyWithin(headroomBytes, begins, place);
    statement.write(fence, place - fenceBytes);
  };
  return {
    rows: () => rows,
    bytes: () => bytes,
    columns: () => columns,
    add(sql, more, moreBytes) {
      append(sql);
      rows += more;
      bytes += moreBytes;
    },
    take(next) {
      if (rows === 0) return null;
      append(unlessThere);
      const statement = withRoom(0);
      putFence(statement);
      const batch = { insert: statement.subarray(0, end), rows };
      buffer = undefined;
      rows = 0;
      bytes = 0;
      columns = next;
      return batch;
    },
  };
}

/** So many rows are looked at to tell which columns are usual. */
const sampleRows = 128;
/** A column that a smaller share of the rows fill is not named for the others, since the server reads a NULL in each of them. */
const usualShare = 0.05;

/** Counts which columns rows fill. */
function createColumnCount() {
  const counts = columnNames.map(() => 0);
  let rows = 0;
  return {
    rows: () => rows,
    add(filled: number, more = 1) {
      rows += more;
      for (let column = 0; filled >> column > 0; column += 1) {
        if (filled & (1 << column)) counts[column] = (counts[column] ?? 0) + 1;
      }
    },
    /** Those that a good share of the rows fill, a bit each. */
    usual: () => counts.reduce((bits, count, column) => (count > rows * usualShare ? bits | (1 << column) : bits), 0),
    clear() {
      counts.fill(0);
      rows = 0;
    },
  };
}

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
  const draft = () => createDraft(rowKey.beforeOffset, rowKey.afterOffset, fence);
  /** Most rows. Its first statement names all columns, each later one only those that many rows fill. */
  const usual = draft();
  /** Rows that fill other columns than these. Its statements name all columns. */
  const others = draft();
  let usualColumns = 0;
  /** The first rows. */
  const sample = createColumnCount();
  /** Which columns the rows in `others` fill, out of all rows that came since. */
  const sinceOthers = createColumnCount();
  let isFirst = true;
  /** That of the last review. Lines of a file mostly have one format. */
  let format: string | undefined = plainable[0];

  const isSampled = () => isFirst && sample.rows() < sampleRows;
  const takeUsual = (): Batch | null => {
    if (isFirst) usualColumns = sample.usual();
    isFirst = false;
    return usual.take(usualColumns);
  };
  /** Columns that have become usual meanwhile are named by the next statement. */
  const takeOthers = (): Batch | null => {
    usualColumns |= sinceOthers.usual();
    sinceOthers.clear();
    return others.take(allColumns);
  };
  const hasRoom = (statement: Draft, lineBytes: number) =>
    statement.rows() < batchRows && statement.bytes() + lineBytes + rowOverheadBytes <= maxBatchLineBytes;
  const addedToUsual = (rows: number, filled: number) => {
    if (isSampled()) sample.add(filled);
    if (others.rows() > 0) sinceOthers.add(0, rows);
  };

  return {
    add(offset, review, lineBytes) {
      if (plainable.includes(review.format)) format = review.format;
      const literals = literalsOf(review);
      const filled = filledColumns(literals);
      // An empty statement may still be made to name other columns.
      const fits = (filled & ~usual.columns()) === 0;
      const [statement, take] = fits ? [usual, takeUsual] : [others, takeOthers];
      const full = hasRoom(statement, lineBytes) ? null : take();
      const text = rowText(prefix, offset, literals, statement.columns());
      statement.add(statement.rows() === 0 ? text : `,${text}`, 1, lineBytes + rowOverheadBytes);
      if (fits) addedToUsual(1, filled);
      else sinceOthers.add(filled);
      return full ?? (statement.rows() >= batchRows ? take() : null);
    },
    plainLines({ buffer, from, to, offset }) {
      const written = openPlainLines(buffer, from, to, offset, rowKey);
      /** Adds lines to one of the statements. */
      const write = (at: number, statement: Draft, place: number, mostRows: number) => {
        const added = written.write(at, {
          format: place,
          columns: statement.columns(),
          rows: mostRows,
          batchBytes: Math.max(0, maxBatchLineBytes - statement.bytes()),
          isFirst: statement.rows() === 0,
        });
        if (added.rows > 0) statement.add(added.sql, added.rows, added.batchBytes);
        return added;
      };
      return {
        add(at) {
          if (format === undefined) return { lines: 0, to: at, full: null, format: '', unknownFields: 0 };
          const place = plainFormats.indexOf(format);
          const counts = { lines: 0, to: at, format, unknownFields: 0 };
          const count = (added: { rows: number; to: number; unknownFields: number }) => {
            counts.lines += added.rows;
            counts.to = added.to;
            counts.unknownFields += added.unknownFields;
          };
          while (counts.to < to) {
            const mostRows = isSampled() ? 1 : batchRows - usual.rows();
            const added = write(counts.to, usual, place, mostRows);
            count(added);
            if (added.rows > 0) addedToUsual(added.rows, added.filled);
            if (usual.rows() >= batchRows) return { ...counts, full: takeUsual() };
            if (added.stop === 'full-batch' && added.rows < mostRows) return { ...counts, full: takeUsual() };
            if (added.stop === 'end' || added.stop === 'other-line') return { ...counts, full: null };
            if (added.stop === 'full-batch') continue;
            const other = write(counts.to, others, place, 1);
            count(other);
            if (other.rows > 0) sinceOthers.add(other.filled);
            if (other.rows === 0 || others.rows() >= batchRows) return { ...counts, full: takeOthers() };
          }
          return { ...counts, full: null };
        },
      };
    },
    takeRest: () => [takeUsual(), takeOthers()].filter((batch) => batch !== null),
    release({ insert }) {
      free.push(Buffer.from(insert.buffer));
    },
  };
}
