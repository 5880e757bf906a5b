// The statements of the ledger. It says which file a row came from, what was loaded when, and whether a source may get rows at all.
// Each statement takes many sources, so that small files can travel together.
import type { ResultSetHeader } from 'mysql2';
import type { ChunkProgress, Source } from '../shared/contract.ts';
import { SourceWithdrawnError } from '../shared/errors.ts';
import type { Session } from '../shared/mysql.ts';
import { integerLiteral, textLiteral } from '../shared/sql-text.ts';

export const hex = (sourceId: string) => `x'${sourceId}'`;
export const idsOf = (sources: readonly Pick<Source, 'sourceId'>[]) =>
  sources.map(({ sourceId }) => hex(sourceId)).join(',');

/** An ISO 8601 time as the server takes it, or NULL. Sessions are in UTC. */
export function timeLiteral(iso: string | undefined): string {
  const time = new Date(iso ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? 'NULL' : `'${time.toISOString().slice(0, 23).replace('T', ' ')}'`;
}

/** Other files that a source looks like, by their ids. */
export interface Sameness {
  sameContentAs: string | null;
  sameNameAs: string | null;
}

export const noSameness: Sameness = { sameContentAs: null, sameNameAs: null };

/**
 * Of each source, in order: another source with the same content, and the latest one before it under the same key, that were
 * not withdrawn. On a secondary, this reads in its own Region.
 */
export async function findSameness(
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
  return found;
}

export interface Opening {
  source: Source;
  sameness: Sameness;
}

/**
 * Opens sources, or reopens those that were closed before `startedAt`, when this execution began. A source that was closed later stays
 * closed, and the statements that follow notice it.
 */
export async function openSources(
  session: Session,
  openings: readonly Opening[],
  {
    region,
    maxRejectedPercent,
    startedAt,
  }: { region: string; maxRejectedPercent: number; startedAt: string | undefined },
  timeoutMs: number,
): Promise<void> {
  const values = openings.map(({ source, sameness }) => [
    hex(source.sourceId),
    textLiteral(region),
    textLiteral(source.originBucket),
    textLiteral(source.key),
    source.sizeBytes,
    textLiteral(source.checksum ?? null),
    timeLiteral(source.uploadedAt),
    source.chunkCount,
    maxRejectedPercent,
    sameness.sameContentAs === null ? 'NULL' : hex(sameness.sameContentAs),
    sameness.sameNameAs === null ? 'NULL' : hex(sameness.sameNameAs),
  ]);
  // An execution of an earlier version does not say when it began. So it never reopens a closed source.
  const reopens = startedAt === undefined ? 'FALSE' : `closed_at < ${timeLiteral(startedAt)}`;
  await session.run<ResultSetHeader>(
    `INSERT INTO sources (source_id, region, bucket, object_key, size_bytes, checksum, uploaded_at, chunk_count,
      max_rejected_percent, same_content_as, same_name_as)
    VALUES ${values.map((row) => `(${row.join(',')})`).join(',')} AS opened
    ON DUPLICATE KEY UPDATE
      opened_at = IF(${reopens}, CURRENT_TIMESTAMP(3), sources.opened_at),
      region = opened.region,
      object_key = opened.object_key,
      bucket = opened.bucket,
      size_bytes = opened.size_bytes,
      checksum = COALESCE(opened.checksum, sources.checksum),
      uploaded_at = COALESCE(opened.uploaded_at, sources.uploaded_at),
      chunk_count = opened.chunk_count,
      max_rejected_percent = opened.max_rejected_percent,
      same_content_as = COALESCE(sources.same_content_as, opened.same_content_as),
      same_name_as = COALESCE(sources.same_name_as, opened.same_name_as),
      closed_as = IF(${reopens}, NULL, closed_as),
      closed_reason = IF(${reopens}, NULL, closed_reason),
      closed_at = IF(${reopens}, NULL, closed_at)`,
    timeoutMs,
  );
}

/**
 * Replaces a row's region_indicator: it gives the Region, or NULL if the source is closed. The column takes no NULL, so the whole
 * statement then fails. An INSERT locks the rows that it reads, so a running statement and a withdrawal wait for each other.
 */
export const regionIfOpen = (sourceId: string, region: string): string =>
  `(SELECT ${textLiteral(region)} FROM sources WHERE source_id=${hex(sourceId)} AND closed_at IS NULL)`;

/** What the ledger keeps of a chunk's counts: line_count, rows_loaded, rejected, blank and misfits. */
export function countsOf({ lines, inserted, alreadyPresent, rejected, blank, misfits = {} }: ChunkProgress): number[] {
  const misfitCount = Object.values(misfits).reduce((sum, count) => sum + count, 0);
  return [lines, inserted + alreadyPresent, rejected, blank, misfitCount];
}

/**
 * Records a finished chunk. Call it after its rows were read back, in the session that wrote them. It does not record a chunk of an
 * earlier plan that had more chunks.
 * @throws {SourceWithdrawnError} if the source was closed meanwhile
 */
export async function recordChunk(
  session: Session,
  source: Source,
  progress: ChunkProgress,
  timeoutMs: number,
): Promise<void> {
  const { chunkIndex } = progress;
  const counts = [chunkIndex, ...countsOf(progress)].map(integerLiteral).join(',');
  const { affectedRows } = await session.run<ResultSetHeader>(
    `INSERT INTO source_chunks (source_id, chunk_index, line_count, rows_loaded, rejected, blank, misfits)
    SELECT source_id,${counts} FROM sources
    WHERE source_id=${hex(source.sourceId)} AND closed_at IS NULL AND chunk_count > ${chunkIndex}
    ON DUPLICATE KEY UPDATE line_count = VALUES(line_count), rows_loaded = VALUES(rows_loaded), rejected = VALUES(rejected),
      blank = VALUES(blank), misfits = VALUES(misfits), done_at = CURRENT_TIMESTAMP(3)`,
    timeoutMs,
  );
  // MySQL also reports no affected row if the same chunk was recorded in the same millisecond.
  if (affectedRows === 0 && !(await isOpen(session, source.sourceId, timeoutMs))) throw withdrawn(source);
}

export async function isOpen(session: Session, sourceId: string, timeoutMs: number): Promise<boolean> {
  const rows = await session.run<unknown[]>(
    `SELECT 1 FROM sources WHERE source_id=${hex(sourceId)} AND closed_at IS NULL`,
    timeoutMs,
  );
  return rows.length > 0;
}

export const withdrawn = ({ key }: Pick<Source, 'key'>, cause?: unknown) =>
  new SourceWithdrawnError(`${key} failed or was withdrawn after this execution began`, { cause });

/** Forgets chunks of an earlier plan, in which a source was read as lines. A source that is read as a whole is one chunk now. */
export async function forgetOtherChunks(
  session: Session,
  sources: readonly Source[],
  timeoutMs: number,
): Promise<void> {
  const replanned = sources.filter(({ format }) => format === 'whole');
  if (replanned.length === 0) return;
  await session.run<ResultSetHeader>(
    `DELETE FROM source_chunks WHERE source_id IN (${idsOf(replanned)}) AND chunk_index > 0`,
    timeoutMs,
  );
}

export interface DoneSource {
  source: Source;
  /** Of its first chunk. */
  progress: ChunkProgress;
}

/** The container and the formats that the first chunk of each source found. */
export async function recordForms(session: Session, done: readonly DoneSource[], timeoutMs: number): Promise<void> {
  const whenOf = (textOf: (progress: ChunkProgress) => string | null) =>
    done.map(({ source, progress }) => `WHEN ${hex(source.sourceId)} THEN ${textLiteral(textOf(progress))}`).join(' ');
  await session.run<ResultSetHeader>(
    `UPDATE sources SET container = CASE source_id ${whenOf(({ container }) => container ?? null)} END,
      record_format = CASE source_id ${whenOf(formatsOf)} END
    WHERE source_id IN (${idsOf(done.map(({ source }) => source))}) AND closed_at IS NULL`,
    timeoutMs,
  );
}

/** The most frequent first. */
function formatsOf({ recordFormats = {} }: ChunkProgress): string | null {
  const byRows = Object.entries(recordFormats).sort(([, one], [, other]) => other - one);
  return byRows.map(([name]) => name).join(', ') || null;
}
