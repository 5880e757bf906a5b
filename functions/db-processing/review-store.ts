// The statements of DB-processing. Each is one complete text, so it costs one round trip.
import type { ResultSetHeader } from 'mysql2';
import type { Source } from '../shared/contract.ts';
import type { Session } from '../shared/mysql.ts';
import { serverError } from '../shared/mysql-errors.ts';
import type { Statement } from '../shared/mysql-statement.ts';
import { type ColumnKind, columnNames, columns } from '../shared/record-formats.ts';
import {
  booleanLiteral,
  doubleLiteral,
  integerLiteral,
  jsonLiteral,
  nullLiteral,
  textLiteral,
} from '../shared/sql-text.ts';
import { withdrawn } from './ledger.ts';
import type { Review } from './parse-review.ts';
import type { ColumnValue } from './read-value.ts';

// After its key and its Region, a row has the columns of record-formats.ts. A set of columns is a number with one bit per column, 1
// for the first.
export const allColumns = 2 ** columnNames.length - 1;

/**
 * The beginning of the INSERT, before its rows. Columns we leave out default to NULL. This is cheaper than sending NULL in every row:
 * one of a row's sixteen values is 2% of the server's work (docs/performance.md).
 */
export const insertInto = (columns: number): string =>
  `INSERT INTO book_reviews (source_id, source_offset, region_indicator, ${columnNames.filter((_, column) => columns & (1 << column)).join(', ')}) VALUES `;
/** The end of the INSERT. An existing row stays as it is. INSERT IGNORE would do this too, but it would also truncate values that are too long. */
export const unlessThere = ' ON DUPLICATE KEY UPDATE source_id = source_id';

const literalOf: Record<ColumnKind, (value: ColumnValue | null) => string> = {
  id: (value) => textLiteral(value as string | null),
  text: (value) => textLiteral(value as string | null),
  count: (value) => integerLiteral(value as number | null),
  rating: (value) => doubleLiteral(value as number | null),
  seconds: (value) => integerLiteral(value as number | null),
  boolean: (value) => booleanLiteral(value as boolean | null),
  object: (value) => jsonLiteral(value as string | null),
  list: (value) => jsonLiteral(value as string | null),
  fields: (value) => jsonLiteral(value as string | null),
};

/** The literal of each column. */
export const literalsOf = (review: Review): string[] =>
  columns.map(({ name, kind }) => literalOf[kind](review.columns[name]));

/** The columns that are not NULL. */
export function filledColumns(literals: string[]): number {
  let columns = 0;
  for (let column = 0; column < literals.length; column += 1) {
    if (literals[column] !== nullLiteral) columns |= 1 << column;
  }
  return columns;
}

/** One row of the INSERT into `columns`. All rows of a source begin with `prefix`. */
export function rowText(prefix: RowPrefix, offset: number, literals: string[], columns: number): string {
  let text = `${prefix.sourceId}${offset}${prefix.region}`;
  for (let column = 0; column < literals.length; column += 1) {
    if (columns & (1 << column)) text += `,${literals[column]}`;
  }
  return `${text})`;
}

interface RowPrefix {
  sourceId: string;
  region: string;
}

export const rowPrefix = (sourceId: string, regionIndicator: string): RowPrefix => ({
  sourceId: `(x'${sourceId}',`,
  region: `,${textLiteral(regionIndicator)}`,
});

// The server scans a utf8mb4 literal three times: for its end, its length and its correctness. Then the column checks the value once
// more. In a literal of bytes, the server looks only for the end. The column still checks the value.
const literalsAreBytes = 'SET SESSION character_set_client = binary, character_set_connection = binary';
const setUpMs = 10_000;

/** A session for the statements below. @throws what `openSession` and `Session.run` throw */
export async function openForReviews(openSession: () => Promise<Session>): Promise<Session> {
  const session = await openSession();
  try {
    await session.run(literalsAreBytes, setUpMs);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * Inserts the rows that are not there yet. Autocommit makes it one transaction. Returns the number of inserted rows.
 * @throws {SourceWithdrawnError} if the source is closed
 */
export async function insertReviews(
  session: Session,
  insert: Statement,
  source: Pick<Source, 'key'>,
  timeoutMs: number,
): Promise<number> {
  try {
    const { affectedRows } = await session.run<ResultSetHeader>(insert, timeoutMs);
    return affectedRows;
  } catch (error) {
    const { errno } = ((error as Error).cause ?? {}) as { errno?: number };
    // Only region_indicator of a closed source can be NULL here (see regionIfOpen in ledger.ts).
    throw errno === serverError.columnCannotBeNull ? withdrawn(source, error) : error;
  }
}

/** How many rows of a source with offsets in [from, to) this session can read. */
export async function countReviews(
  session: Session,
  { sourceId, from, to }: { sourceId: string; from: number; to: number },
  timeoutMs: number,
): Promise<number> {
  const [row] = await session.run<{ reviews: number }[]>(
    `SELECT COUNT(*) AS reviews FROM book_reviews WHERE source_id = x'${sourceId}' AND source_offset >= ${from} AND source_offset < ${to}`,
    timeoutMs,
  );
  return Number(row?.reviews);
}
