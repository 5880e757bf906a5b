// Rows of many sources in shared INSERTs.
import { SourceWithdrawnError } from '../../shared/errors.ts';
import { groupWithin } from '../../shared/group-within.ts';
import { headroomBytes, type Statement } from '../../shared/mysql-statement.ts';
import { maxBatchLineBytes } from '../review-batch.ts';
import { allColumns, insertInto, insertReviews, unlessThere } from '../review-store.ts';
import type { Sessions } from '../sessions.ts';
import type { ParsedSource } from './parse-small.ts';

/**
 * Inserts what is not there yet, and sets `inserted` and `alreadyPresent` of each source.
 * @param before rows that each source had before, by its id
 * @returns the sources that are closed: they failed or were withdrawn after this execution began
 * @throws what `Sessions.use` throws
 */
export async function writeRows(
  sources: readonly ParsedSource[],
  before: ReadonlyMap<string, number>,
  batchRows: number,
  sessions: Sessions,
  statementMs: () => number,
): Promise<Set<ParsedSource>> {
  const closed = new Set<ParsedSource>();
  const insert = async (group: readonly ParsedSource[]): Promise<void> => {
    const [first] = group;
    if (first === undefined) return;
    const statement = statementOf(group);
    try {
      const inserted = await sessions.use((session) => insertReviews(session, statement, first.source, statementMs()));
      share(group, inserted, before);
    } catch (error) {
      if (!(error instanceof SourceWithdrawnError)) throw error;
      // The server refused the rows of all, and does not say whose source is closed.
      if (group.length === 1) closed.add(first);
      else for (const one of group) await insert([one]);
    }
  };
  const insertEach = async (one: ParsedSource): Promise<void> => {
    let inserted = 0;
    try {
      for (const { insert } of one.statements) {
        inserted += await sessions.use((session) => insertReviews(session, insert, one.source, statementMs()));
      }
      one.progress.inserted = inserted;
      one.progress.alreadyPresent = one.rows - inserted;
    } catch (error) {
      if (!(error instanceof SourceWithdrawnError)) throw error;
      closed.add(one);
    }
  };
  for (const one of sources) if (one.statements.length > 0) await insertEach(one);
  const shared = sources.filter(({ statements }) => statements.length === 0);
  for (const group of groupRows(shared, batchRows)) await insert(group);
  return closed;
}

/** The sources of each statement. */
const groupRows = (sources: readonly ParsedSource[], batchRows: number): ParsedSource[][] =>
  groupWithin(
    sources.filter(({ rows }) => rows > 0),
    [batchRows, maxBatchLineBytes],
    ({ rows, sql }) => [rows, sql.length],
  );

function statementOf(group: readonly ParsedSource[]): Statement {
  const parts: Buffer[] = [Buffer.alloc(headroomBytes), Buffer.from(insertInto(allColumns))];
  group.forEach(({ sql }, index) => {
    if (index > 0) parts.push(Buffer.from(','));
    parts.push(sql);
  });
  parts.push(Buffer.from(unlessThere));
  return Buffer.concat(parts);
}

/**
 * The server only says how many rows of the statement are new. Where some are not, the counts from before say whose. Such a count can be
 * old in a secondary Region, so what it leaves open is shared out in order: the sum is exact for the statement and for each source.
 */
export function share(group: readonly ParsedSource[], inserted: number, before: ReadonlyMap<string, number>): void {
  let open = inserted;
  for (const { source, progress, rows } of group) {
    progress.inserted = Math.min(open, Math.max(0, rows - (before.get(source.sourceId) ?? 0)));
    open -= progress.inserted;
  }
  for (const { progress, rows } of group) {
    const more = Math.min(open, rows - progress.inserted);
    progress.inserted += more;
    open -= more;
    progress.alreadyPresent = rows - progress.inserted;
  }
}
