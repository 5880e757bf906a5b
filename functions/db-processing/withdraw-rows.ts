// Takes a source's rows out, because it failed or because an operator asks. It closes the source first, so that no running invocation
// writes rows after the deletes.
import type { ResultSetHeader } from 'mysql2';
import type { Withdrawal, WithdrawRequest } from '../shared/contract.ts';
import { IncompleteIngestError } from '../shared/errors.ts';
import type { Session } from '../shared/mysql.ts';
import { textLiteral } from '../shared/sql-text.ts';
import { isOpen, timeLiteral } from './ledger.ts';

/** Rows per DELETE: one second of work, and a small transaction for replication. */
const rowsAtOnce = 5_000;
const statementMs = 30_000;
/** Do not begin a DELETE with less time than this. */
const leastMs = 45_000;
const reasonCharacters = 512;

/**
 * Every step may be repeated, by this or another invocation.
 * @throws an error of functions/shared/errors.ts
 */
export async function withdrawRows(
  { withdraw }: WithdrawRequest,
  {
    openSession,
    remainingMs,
    region = '',
  }: { openSession: () => Promise<Session>; remainingMs: () => number; region?: string },
): Promise<Withdrawal> {
  const session = await openSession();
  try {
    let rows = withdraw.rows ?? 0;
    // A later invocation of the same request does not close the source again. An execution that began since then may have opened it.
    if (!withdraw.rows) await close(session, withdraw, region);
    const ofSource = `source_id=x'${withdraw.sourceId}'`;
    const ifClosed = `EXISTS (SELECT 1 FROM sources WHERE ${ofSource} AND closed_at IS NOT NULL)`;
    for (;;) {
      const { affectedRows } = await session.run<ResultSetHeader>(
        `DELETE FROM book_reviews WHERE ${ofSource} AND ${ifClosed} ORDER BY source_offset LIMIT ${rowsAtOnce}`,
        statementMs,
      );
      rows += affectedRows;
      if (affectedRows < rowsAtOnce) break;
      if (remainingMs() < leastMs) return { done: false, rows };
    }
    await session.run(`DELETE FROM source_chunks WHERE ${ofSource} AND ${ifClosed}`, statementMs);
    if (await isOpen(session, withdraw.sourceId, statementMs)) return { done: true, rows, superseded: true };
    await proveEmpty(session, withdraw.sourceId);
    return { done: true, rows };
  } finally {
    await session.close();
  }
}

/**
 * A source that the ledger does not know also gets a row. It failed before it was opened, or a version without a ledger ingested it.
 * A source stays open if a chunk of it was finished after the decision to close it.
 */
async function close(
  session: Session,
  { sourceId, state, reason, startedAt, decidedAt, source }: WithdrawRequest['withdraw'],
  region: string,
): Promise<void> {
  const now =
    startedAt === undefined ? 'CURRENT_TIMESTAMP(3)' : `GREATEST(CURRENT_TIMESTAMP(3), ${timeLiteral(startedAt)})`;
  const because = textLiteral([...reason].slice(0, reasonCharacters).join(''));
  const file = [
    textLiteral(region),
    textLiteral(source?.originBucket ?? ''),
    textLiteral(source?.key ?? ''),
    source?.sizeBytes ?? 0,
    textLiteral(source?.checksum ?? null),
    timeLiteral(source?.uploadedAt),
    source?.chunkCount ?? 0,
  ];
  // One statement decides and closes. A statement that records a chunk waits for it, and then finds the source closed.
  const isDoneSince =
    decidedAt === undefined
      ? 'FALSE'
      : `EXISTS (SELECT 1 FROM source_chunks WHERE source_id=x'${sourceId}' AND done_at > ${timeLiteral(decidedAt)})`;
  const unlessDone = (column: string, value: string) => `${column} = IF(${isDoneSince}, sources.${column}, ${value})`;
  await session.run<ResultSetHeader>(
    `INSERT INTO sources (source_id, region, bucket, object_key, size_bytes, checksum, uploaded_at, chunk_count,
      max_rejected_percent, closed_at, closed_as, closed_reason)
    VALUES (x'${sourceId}', ${file.join(', ')}, 0, ${now}, '${state}', ${because})
    ON DUPLICATE KEY UPDATE ${unlessDone('closed_at', now)}, ${unlessDone('closed_as', `'${state}'`)},
      ${unlessDone('closed_reason', because)}`,
    statementMs,
  );
}

/** In a secondary, the session waits for its deletes, so that the rows are gone in this Region too. */
async function proveEmpty(session: Session, sourceId: string): Promise<void> {
  const [left] = await session.run<{ reviews: number }[]>(
    `SELECT COUNT(*) AS reviews FROM book_reviews WHERE source_id=x'${sourceId}'`,
    statementMs,
  );
  if (Number(left?.reviews) > 0)
    throw new IncompleteIngestError(`${left?.reviews} rows can still be read after the withdrawal`);
}
