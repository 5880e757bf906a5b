// Takes the rows of one reviewer out of the table, step by step. There is no index by reviewer, because every insert would pay for
// it. So each step scans some rows in key order. It reads in its own Region, and only the deletes go to the primary.
import type { EraseRequest, Erasure } from '../shared/contract.ts';
import type { Session } from '../shared/mysql.ts';
import { textLiteral } from '../shared/sql-text.ts';
import { createSessions } from './sessions.ts';

type Request = EraseRequest['erase'];
type Place = NonNullable<Request['after']>;

export interface EraseDependencies {
  openSession: () => Promise<Session>;
  remainingMs: () => number;
  /** Rows that one statement scans. Tests use fewer. */
  stepRows?: number;
}

const defaultStepRows = 100_000;
/** Rows per DELETE. */
const deleteRows = 500;
const statementMs = 120_000;
/** Do not begin a step with less time than this. */
const leastStepMs = 150_000;

/**
 * Continues until the table ends or the time runs short. It may be repeated, because erased rows are not found again. A row that is
 * inserted behind the scan stays. A second run finds it.
 * @throws {TransientDatabaseError | ConfigurationError}
 */
export async function eraseReviewer(
  { reviewerId, dryRun = false, after: begin }: Request,
  { openSession, remainingMs, stepRows = defaultStepRows }: EraseDependencies,
): Promise<Erasure> {
  const sessions = createSessions(openSession, 1, remainingMs);
  const erasure: Erasure = { after: begin ?? null, rows: 0, sources: {} };
  try {
    do {
      const from = erasure.after;
      const to = await sessions.use((session) => lastOfStep(session, from, stepRows));
      const places = await sessions.use((session) => findRows(session, reviewerId, from, to));
      for (let index = 0; !dryRun && index < places.length; index += deleteRows) {
        const some = places.slice(index, index + deleteRows);
        await sessions.use((session) => deleteSome(session, reviewerId, some));
      }
      erasure.rows += places.length;
      for (const { sourceId } of places) erasure.sources[sourceId] = (erasure.sources[sourceId] ?? 0) + 1;
      erasure.after = to;
    } while (erasure.after !== null && remainingMs() > leastStepMs);
    return erasure;
  } finally {
    await sessions.close();
  }
}

// MySQL does not use the index for a row comparison, (a, b) > (x, y).
const isAfter = (place: Place | null) =>
  place === null
    ? 'TRUE'
    : `(source_id > x'${place.sourceId}' OR (source_id = x'${place.sourceId}' AND source_offset > ${place.offset}))`;
const isUpTo = (place: Place | null) =>
  place === null
    ? 'TRUE'
    : `(source_id < x'${place.sourceId}' OR (source_id = x'${place.sourceId}' AND source_offset <= ${place.offset}))`;
const inOrder = 'ORDER BY source_id, source_offset';

const placeOf = ({ source_id, source_offset }: { source_id: Buffer; source_offset: number }): Place => ({
  sourceId: source_id.toString('hex'),
  offset: Number(source_offset),
});

/** Null if the table ends within the step. */
async function lastOfStep(session: Session, after: Place | null, stepRows: number): Promise<Place | null> {
  const [last] = await session.run<{ source_id: Buffer; source_offset: number }[]>(
    `SELECT source_id, source_offset FROM book_reviews FORCE INDEX (PRIMARY)
    WHERE ${isAfter(after)} ${inOrder} LIMIT 1 OFFSET ${stepRows - 1}`,
    statementMs,
  );
  return last ? placeOf(last) : null;
}

async function findRows(session: Session, reviewerId: string, after: Place | null, to: Place | null): Promise<Place[]> {
  const rows = await session.run<{ source_id: Buffer; source_offset: number }[]>(
    `SELECT source_id, source_offset FROM book_reviews FORCE INDEX (PRIMARY)
    WHERE ${isAfter(after)} AND ${isUpTo(to)} AND reviewer_id = ${textLiteral(reviewerId)} ${inOrder}`,
    statementMs,
  );
  return rows.map(placeOf);
}

/** Records the places first. If the function is killed in between, the next run records them again and then deletes the rows. */
async function deleteSome(session: Session, reviewerId: string, places: readonly Place[]): Promise<void> {
  const keys = places.map(({ sourceId, offset }) => `(x'${sourceId}',${offset})`).join(',');
  await session.run(
    `INSERT INTO erasures (source_id, source_offset) VALUES ${keys} ON DUPLICATE KEY UPDATE source_id = source_id`,
    statementMs,
  );
  await session.run(
    `DELETE FROM book_reviews WHERE (source_id, source_offset) IN (${keys}) AND reviewer_id = ${textLiteral(reviewerId)}`,
    statementMs,
  );
}
