// What must hold when a round is over. A file's truth comes from its maker, or from a reading that shares no code with the product.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Bucket } from '../demo/bucket.ts';
import type { SourceReport } from '../demo/evidence.ts';
import { judgeHistory } from '../demo/judge-history.ts';
import { type DatabaseAccess, type HistoryRow, historyQuery, withDatabase } from '../demo/rows.ts';
import { type ExpectedRow, expectedColumns, expectedRow, misfitsOf } from '../reviews/expected-row.ts';
import { readIndependently } from '../reviews/read-independently.ts';
import type { Truth } from './made-content.ts';
import { etagsOf, type Version } from './workload.ts';

export type Row = ExpectedRow & { source_id: string; region_indicator: string };

/** What a version's file holds, and how it must end. */
export interface Expectation {
  version: Version;
  truth: Truth;
}

export async function expectationOf(version: Version): Promise<Expectation> {
  if (version.truth) return { version, truth: version.truth };
  const directory = await mkdtemp(join(tmpdir(), 'round-'));
  try {
    const path = join(directory, 'file');
    await writeFile(path, version.body);
    const truth: Truth = { ends: 'completed', lines: 0, blank: 0, rejected: 0, misfits: {}, rows: [] };
    for await (const reading of readIndependently(path)) {
      truth.lines += 1;
      if (reading.kind === 'review') {
        truth.rows.push(expectedRow(reading.offset, reading.record));
        for (const column of misfitsOf(reading.record)) truth.misfits[column] = (truth.misfits[column] ?? 0) + 1;
      } else truth[reading.kind] += 1;
    }
    return { version, truth };
  } finally {
    await rm(directory, { recursive: true });
  }
}

export type Report = SourceReport & { source: { key: string; sourceId: string; etag: string }; movedTo: string | null };

/** What a Region's bucket tells of a round. `folder` is the round's own, below each prefix. */
export interface BucketEvidence {
  pending: string[];
  completed: string[];
  failed: string[];
  reports: Report[];
}

export async function bucketEvidence(bucket: Bucket, folder: string): Promise<BucketEvidence> {
  const names = (await bucket.list('reports')).filter((name) => name.startsWith(folder));
  const of = async (prefix: 'pending' | 'completed' | 'failed') =>
    (await bucket.list(prefix)).filter((name) => name.startsWith(folder));
  const reports = names.map(async (name) => JSON.parse(await bucket.read('reports', name)) as Report);
  const [pending, completed, failed] = await Promise.all([of('pending'), of('completed'), of('failed')]);
  return { pending, completed, failed, reports: await Promise.all(reports) };
}

/** Rows of sources by their ids, and how many rows there are in all, as one Region sees them. */
export interface Seen {
  rows: Row[];
  total: number;
  /** Rows of the view `reviews`, which has those of complete files only. */
  reviews: number;
  /** What the ledger says of the sources. */
  history: HistoryRow[];
}

/** `folders`: what the keys of other sources begin with, of which the ledger is read too. */
export const readRows = (access: DatabaseAccess, sourceIds: string[], folders: string[]): Promise<Seen> =>
  withDatabase(access, async (query) => {
    const history = await query<HistoryRow>(
      `${historyQuery} WHERE source_id IN (${inList(sourceIds)})${folders.map(() => ' OR LEFT(object_key, ?) = ?').join('')}
      ORDER BY source_id`,
      folders.flatMap((folder) => [folder.length, folder]),
    );
    const rows = await query<Row>(
      `SELECT LOWER(HEX(source_id)) AS source_id, region_indicator, ${expectedColumns}
       FROM book_reviews WHERE source_id IN (${inList(sourceIds)})
       ORDER BY source_id, source_offset`,
    );
    const [count] = await query<{ total: number; reviews: number }>(
      'SELECT (SELECT COUNT(*) FROM book_reviews) AS total, (SELECT COUNT(*) FROM reviews) AS reviews',
    );
    return {
      // MySQL has no boolean type: 1 and 0.
      rows: rows.map((row) => ({ ...row, verified: row.verified === null ? null : Boolean(row.verified) })),
      total: Number(count?.total),
      reviews: Number(count?.reviews),
      history,
    };
  });

const inList = (sourceIds: string[]) => sourceIds.map((id) => `x'${id}'`).join(', ') || 'NULL';

/** @returns what does not hold, in words, for the sources of one Region. `rows` and `history`: as either Region sees them. */
export function judge(
  region: string,
  expectations: Expectation[],
  evidence: BucketEvidence,
  { rows, history, ignored = [] }: Pick<Seen, 'rows' | 'history'> & { ignored?: string[] },
): string[] {
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`${region}: ${text}`);
  const pending = evidence.pending.filter((name) => !ignored.includes(name));
  if (pending.length > 0) fault(`still pending: ${pending.join(', ')}`);
  for (const name of ignored) if (!evidence.pending.includes(name)) fault(`${name} is no source, and is not pending`);
  const bySource = Map.groupBy(rows, ({ source_id }) => source_id);
  const historyOf = new Map(history.map((row) => [row.source_hex, row]));
  const isOf =
    ({ key, body }: Version) =>
    ({ source }: Report) =>
      source.key === key && etagsOf(body).includes(source.etag);
  for (const { version, truth } of expectations) {
    const { key, etag, mustComplete } = version;
    const reports = evidence.reports.filter(isOf(version));
    const [report] = reports;
    if (reports.length > 1) fault(`${key} ${etag} has ${reports.length} reports`);
    if (mustComplete && !endsAs(truth, report)) {
      fault(`${key}: ${report?.outcome} ${report?.reason ?? ''}, and should be ${truth.ends}`);
    }
    if (!report) continue;
    const found = bySource.get(report.source.sourceId) ?? [];
    faults.push(
      ...judgeRows(region, key, truth, report, found),
      ...judgeCounts(key, truth, report).map((text) => `${region}: ${text}`),
      ...judgeHistory(region, report, historyOf.get(report.source.sourceId)).map(
        (text) => `${region}: ${key}: ${text}`,
      ),
    );
    if (!isFiled(report, evidence)) fault(`${key}: not at ${report.movedTo}`);
  }
  for (const place of ['completed', 'failed'] as const) {
    for (const name of evidence[place]) {
      if (!evidence.reports.some(({ movedTo }) => movedTo?.endsWith(`/${place}/${name}`)))
        fault(`${name} is ${place}, and no report says so`);
    }
  }
  for (const report of evidence.reports) {
    const { source, outcome } = report;
    const known = expectations.some(({ version }) => isOf(version)(report));
    if (!known) fault(`${source.key} ${source.etag} was ${outcome} without having been uploaded`);
  }
  return faults;
}

function endsAs(truth: Truth, report: Report | undefined): boolean {
  if (truth.ends === 'completed') return report?.outcome === 'completed';
  return report?.outcome === 'failed' && (report.reason ?? '').startsWith(truth.reason);
}

function isFiled({ outcome, movedTo }: Report, evidence: BucketEvidence): boolean {
  if (outcome === 'completed') return evidence.completed.some((name) => movedTo?.endsWith(`/completed/${name}`));
  return movedTo === null || evidence.failed.some((name) => movedTo.endsWith(`/failed/${name}`));
}

/** A completed file has all of its rows, and a failed one has none. */
function judgeRows(region: string, key: string, truth: Truth, { outcome }: Report, found: Row[]): string[] {
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`${region}: ${key}: ${text}`);
  const expected = truth.ends === 'completed' ? truth.rows : [];
  if (outcome === 'completed' && truth.ends === 'failed') fault(`completed, and should fail with ${truth.reason}`);
  if (outcome === 'completed' && found.length !== expected.length) {
    fault(`${found.length} rows of ${expected.length}`);
  }
  if (outcome === 'failed' && found.length > 0) fault(`failed, and has ${found.length} rows`);
  if (outcome !== 'completed') return faults;
  const byOffset = new Map(expected.map((row) => [row.source_offset, row]));
  for (const { source_id: _id, region_indicator, ...row } of found) {
    const offset = Number(row.source_offset);
    if (region_indicator !== region) fault(`a row of ${region_indicator}`);
    if (!isDeepStrictEqual({ ...row, source_offset: offset }, byOffset.get(offset))) {
      fault(`the row at ${offset} is not what the file says`);
    }
    byOffset.delete(offset);
  }
  return faults;
}

function judgeCounts(key: string, truth: Truth, { outcome, totals }: Report): string[] {
  if (outcome !== 'completed' || !totals) return [];
  const faults: string[] = [];
  const accounted = totals.inserted + totals.alreadyPresent + totals.rejected + totals.blank;
  if (totals.lines !== accounted) faults.push(`${key}: ${totals.lines} lines, ${accounted} accounted for`);
  if (truth.ends !== 'completed') return faults;
  const counted = [totals.lines, totals.blank, totals.rejected, totals.inserted + totals.alreadyPresent];
  const wanted = [truth.lines, truth.blank, truth.rejected, truth.rows.length];
  const misfits = totals.misfits ?? {};
  if (!isDeepStrictEqual(misfits, truth.misfits))
    faults.push(`${key}: misfits ${JSON.stringify(misfits)}, and the file has ${JSON.stringify(truth.misfits)}`);
  if (!isDeepStrictEqual(counted, wanted)) faults.push(`${key}: counts ${counted}, and the file has ${wanted}`);
  return faults;
}
