// How many rows of each source this Region can read: what a reconcile compares the reports with.
import type { RowCounts } from '../shared/contract.ts';
import type { Session } from '../shared/mysql.ts';

const statementMs = 60_000;
/** Ids of one statement. */
const idsAtOnce = 100;

/** @throws an error of functions/shared/errors.ts */
export async function countRows(sourceIds: readonly string[], openSession: () => Promise<Session>): Promise<RowCounts> {
  const counts: RowCounts = Object.fromEntries(sourceIds.map((id) => [id, 0]));
  if (sourceIds.length === 0) return counts;
  const session = await openSession();
  try {
    for (let from = 0; from < sourceIds.length; from += idsAtOnce) {
      const ids = sourceIds.slice(from, from + idsAtOnce).map((id) => `x'${id}'`);
      const rows = await session.run<{ source_id: Buffer; reviews: number }[]>(
        `SELECT source_id, COUNT(*) AS reviews FROM book_reviews WHERE source_id IN (${ids.join(',')}) GROUP BY source_id`,
        statementMs,
      );
      for (const { source_id, reviews } of rows) counts[source_id.toString('hex')] = Number(reviews);
    }
    return counts;
  } finally {
    await session.close();
  }
}
