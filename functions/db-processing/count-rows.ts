// Counts the rows of each source that this Region can read. A reconcile compares these counts with the reports.
import type { RowCountRequest, RowCounts } from '../shared/contract.ts';
import type { Session } from '../shared/mysql.ts';

const statementMs = 60_000;
/** Ids per statement. */
const idsAtOnce = 100;

const rowsOf = (ids: string) =>
  `SELECT source_id, COUNT(*) AS reviews FROM book_reviews WHERE source_id IN (${ids}) GROUP BY source_id`;

/** Without those that were ingested again since. */
const erasedOf = (ids: string) =>
  `SELECT source_id, COUNT(*) AS reviews FROM erasures
  WHERE source_id IN (${ids}) AND NOT EXISTS (SELECT 1 FROM book_reviews
    WHERE book_reviews.source_id = erasures.source_id AND book_reviews.source_offset = erasures.source_offset)
  GROUP BY source_id`;

const withdrawnOf = (ids: string) =>
  `SELECT source_id FROM sources WHERE source_id IN (${ids}) AND closed_at IS NOT NULL AND closed_as = 'withdrawn'`;

/** @throws an error of functions/shared/errors.ts */
export async function countRows(
  { countRows: sourceIds, withErased = false }: RowCountRequest,
  openSession: () => Promise<Session>,
): Promise<RowCounts> {
  const counts: RowCounts = Object.fromEntries(sourceIds.map((id) => [id, 0]));
  if (sourceIds.length === 0) return counts;
  const session = await openSession();
  try {
    for (let from = 0; from < sourceIds.length; from += idsAtOnce) {
      const ids = sourceIds
        .slice(from, from + idsAtOnce)
        .map((id) => `x'${id}'`)
        .join(',');
      for (const statement of withErased ? [rowsOf(ids), erasedOf(ids)] : [rowsOf(ids)]) {
        const rows = await session.run<{ source_id: Buffer; reviews: number }[]>(statement, statementMs);
        for (const { source_id, reviews } of rows) {
          const id = source_id.toString('hex');
          counts[id] = (counts[id] ?? 0) + Number(reviews);
        }
      }
      if (!withErased) continue;
      for (const { source_id } of await session.run<{ source_id: Buffer }[]>(withdrawnOf(ids), statementMs)) {
        delete counts[source_id.toString('hex')];
      }
    }
    return counts;
  } finally {
    await session.close();
  }
}
