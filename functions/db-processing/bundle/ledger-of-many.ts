// The statements of the ledger for the sources of a bundle: each takes all of them. What they say is as in ledger.ts.
import type { ResultSetHeader } from 'mysql2';
import type { Source } from '../../shared/contract.ts';
import type { Session } from '../../shared/mysql.ts';
import { integerLiteral } from '../../shared/sql-text.ts';
import {
  countsOf,
  type DoneSource,
  findSameness,
  forgetOtherChunks,
  hex,
  idsOf,
  recordForms,
  type Sameness,
} from '../ledger.ts';

/** As `findSameness`. Files that travel together know of each other too: the first one of a content was there before. */
export async function findSamenessOfEach(
  session: Session,
  sources: readonly Source[],
  timeoutMs: number,
): Promise<Sameness[]> {
  const found = await findSameness(session, sources, timeoutMs);
  const first = new Map<string, string>();
  return sources.map(({ sourceId, sizeBytes, checksum }, index) => {
    const sameness = found[index] as Sameness;
    const content = `${sizeBytes} ${checksum}`;
    const neighbour = first.get(content) ?? null;
    if (neighbour === null) first.set(content, sourceId);
    return { ...sameness, sameContentAs: sameness.sameContentAs ?? neighbour };
  });
}

/** Rows that this Region can read, by source id. A source without rows is not in the map. */
export async function countRowsOfEach(
  session: Session,
  sources: readonly Source[],
  timeoutMs: number,
): Promise<Map<string, number>> {
  const rows = await session.run<{ source_id: Buffer; reviews: number }[]>(
    `SELECT source_id, COUNT(*) AS reviews FROM book_reviews WHERE source_id IN (${idsOf(sources)}) GROUP BY source_id`,
    timeoutMs,
  );
  return new Map(rows.map(({ source_id, reviews }) => [source_id.toString('hex'), Number(reviews)]));
}

/** Records what is done, forgets chunks of an earlier plan, and says which sources are still open. The others were not recorded. */
export async function recordEach(
  session: Session,
  done: readonly DoneSource[],
  timeoutMs: number,
): Promise<Set<string>> {
  const chunks = done.map(({ source, progress }, index) => {
    const counts = countsOf(progress).map(integerLiteral);
    const names = ['line_count', 'rows_loaded', 'rejected', 'blank', 'misfits'];
    const columns = counts.map((count, column) => (index === 0 ? `${count} AS ${names[column]}` : count)).join(',');
    return `SELECT source_id,${index === 0 ? '0 AS chunk_index' : '0'},${columns} FROM sources
      WHERE source_id=${hex(source.sourceId)} AND closed_at IS NULL`;
  });
  await session.run<ResultSetHeader>(
    `INSERT INTO source_chunks (source_id, chunk_index, line_count, rows_loaded, rejected, blank, misfits)
    SELECT * FROM (${chunks.join('\nUNION ALL\n')}) AS done
    ON DUPLICATE KEY UPDATE line_count = done.line_count, rows_loaded = done.rows_loaded, rejected = done.rejected,
      blank = done.blank, misfits = done.misfits, done_at = CURRENT_TIMESTAMP(3)`,
    timeoutMs,
  );
  const sources = done.map(({ source }) => source);
  await recordForms(session, done, timeoutMs);
  await forgetOtherChunks(session, sources, timeoutMs);
  const open = await session.run<{ source_id: Buffer }[]>(
    `SELECT source_id FROM sources WHERE source_id IN (${idsOf(sources)}) AND closed_at IS NULL`,
    timeoutMs,
  );
  return new Set(open.map(({ source_id }) => source_id.toString('hex')));
}
