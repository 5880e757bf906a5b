// The statements of the ledger for the sources of a bundle: each takes all of them. What they say is as in ledger.ts.
import type { ResultSetHeader } from 'mysql2';
import type { ChunkProgress, Source } from '../../shared/contract.ts';
import type { Session } from '../../shared/mysql.ts';
import { integerLiteral, textLiteral } from '../../shared/sql-text.ts';
import { noSameness, type Sameness } from '../ledger.ts';

const hex = (sourceId: string) => `x'${sourceId}'`;
const idsOf = (sources: readonly Source[]) => sources.map(({ sourceId }) => hex(sourceId)).join(',');

/** Of each source, in order. Files that travel together know of each other too: the first one of a content was there before. */
export async function findSamenessOfEach(
  session: Session,
  sources: readonly Source[],
  timeoutMs: number,
): Promise<Sameness[]> {
  const lookups = sources.map((source, index) => {
    const own = hex(source.sourceId);
    return `SELECT ${index} AS place,
      (SELECT source_id FROM sources WHERE checksum = ${textLiteral(source.checksum ?? null)}
        AND size_bytes = ${source.sizeBytes} AND source_id <> ${own} AND closed_at IS NULL
        ORDER BY opened_at LIMIT 1) AS content,
      (SELECT source_id FROM sources WHERE bucket = ${textLiteral(source.originBucket)}
        AND object_key = ${textLiteral(source.key)} AND source_id <> ${own} AND closed_at IS NULL
        ORDER BY opened_at DESC LIMIT 1) AS name`;
  });
  const rows = await session.run<{ place: number; content: Buffer | null; name: Buffer | null }[]>(
    lookups.join('\nUNION ALL\n'),
    timeoutMs,
  );
  const found: Sameness[] = sources.map(() => noSameness);
  for (const { place, content, name } of rows) {
    found[Number(place)] = {
      sameContentAs: content?.toString('hex') ?? null,
      sameNameAs: name?.toString('hex') ?? null,
    };
  }
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

export interface DoneSource {
  source: Source;
  progress: ChunkProgress;
}

/** Records what is done, forgets chunks of an earlier plan, and says which sources are still open. The others were not recorded. */
export async function recordEach(
  session: Session,
  done: readonly DoneSource[],
  timeoutMs: number,
): Promise<Set<string>> {
  const chunks = done.map(({ source, progress }, index) => {
    const { lines, inserted, alreadyPresent, rejected, blank } = progress;
    const misfits = Object.values(progress.misfits ?? {}).reduce((sum, count) => sum + count, 0);
    const counts = [lines, inserted + alreadyPresent, rejected, blank, misfits].map(integerLiteral);
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
  const replanned = sources.filter(({ format }) => format === 'whole');
  if (replanned.length > 0) {
    const ids = idsOf(replanned);
    await session.run(`DELETE FROM source_chunks WHERE source_id IN (${ids}) AND chunk_index > 0`, timeoutMs);
  }
  const open = await session.run<{ source_id: Buffer }[]>(
    `SELECT source_id FROM sources WHERE source_id IN (${idsOf(sources)}) AND closed_at IS NULL`,
    timeoutMs,
  );
  return new Set(open.map(({ source_id }) => source_id.toString('hex')));
}

async function recordForms(session: Session, done: readonly DoneSource[], timeoutMs: number): Promise<void> {
  const whenOf = (textOf: (progress: ChunkProgress) => string | null) =>
    done.map(({ source, progress }) => `WHEN ${hex(source.sourceId)} THEN ${textLiteral(textOf(progress))}`).join(' ');
  await session.run<ResultSetHeader>(
    `UPDATE sources SET container = CASE source_id ${whenOf(({ container }) => container ?? null)} END,
      record_format = CASE source_id ${whenOf(formatsOf)} END
    WHERE source_id IN (${idsOf(done.map(({ source }) => source))}) AND closed_at IS NULL`,
    timeoutMs,
  );
}

/** The most frequent first, as `recordForm` has them. */
function formatsOf({ recordFormats = {} }: ChunkProgress): string | null {
  const byRows = Object.entries(recordFormats).sort(([, one], [, other]) => other - one);
  return byRows.map(([name]) => name).join(', ') || null;
}
