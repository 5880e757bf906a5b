// The statements of DB-processing. Each is one text, complete, so that it costs one round trip.
import type { ResultSetHeader } from 'mysql2';
import type { Source } from '../shared/contract.ts';
import type { Session } from '../shared/mysql.ts';
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

// The columns of a row after its key and its Region are those of record-formats.ts. A set of them is a number with a bit for each, 1
// for the first.
export const allColumns = 2 ** columnNames.length - 1;

/**
 * What stands before the rows of the INSERT. A column that is not named is NULL, for less than the server takes to read so in
 * each row: one of the sixteen values of a row is 2% of its work (docs/performance.md).
 */
export const insertInto = (columns: number): string =>
  `INSERT INTO book_reviews (source_id, source_offset, region_indicator, ${columnNames.filter((_, column) => columns & (1 << column)).join(', ')}) VALUES `;
/** What stands after them: a row that is there stays as it is. INSERT IGNORE would do that too, but it would also cut values that are too long. */
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

/** Of each column. */
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

/** One row of the INSERT into `columns`. `prefix` is what all rows of a source begin with. */
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

// The server looks through a literal of utf8mb4 three times, for its end, its length and its correctness, before it becomes a value
// of a column, where it is checked once more. Of bytes it only looks for the end, and as a value they are checked all the same.
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

/** A NOT NULL column got NULL. Only region_indicator can: the source is closed (see regionIfOpen in ledger.ts). */
const columnCannotBeNull = 1048;

/**
 * Inserts what is not there yet. Autocommit makes it one transaction. Returns how many rows were inserted.
 * @throws {SourceWithdrawnError} where the source is closed
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
    throw errno === columnCannotBeNull ? withdrawn(source, error) : error;
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
