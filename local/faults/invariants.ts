// What must hold when a round is over, judged by a reading of the files that shares no code with the product.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Bucket } from '../demo/bucket.ts';
import type { SourceReport } from '../demo/evidence.ts';
import { type DatabaseAccess, withDatabase } from '../demo/rows.ts';
import { type ExpectedRow, expectedColumns, expectedRow } from '../reviews/expected-row.ts';
import { readIndependently } from '../reviews/read-independently.ts';
import type { Version } from './workload.ts';

export type Row = ExpectedRow & { source_id: string; region_indicator: string };

/** What a version's file holds, by the independent reading. */
export interface Expectation {
  version: Version;
  lines: number;
  blank: number;
  rejected: number;
  rows: ExpectedRow[];
}

export async function expectationOf(version: Version): Promise<Expectation> {
  const directory = await mkdtemp(join(tmpdir(), 'round-'));
  try {
    const path = join(directory, 'file');
    await writeFile(path, version.body);
    const expectation: Expectation = { version, lines: 0, blank: 0, rejected: 0, rows: [] };
    for await (const reading of readIndependently(path)) {
      expectation.lines += 1;
      if (reading.kind === 'review') expectation.rows.push(expectedRow(reading.offset, reading.record));
      else expectation[reading.kind] += 1;
    }
    return expectation;
  } finally {
    await rm(directory, { recursive: true });
  }
}

type Report = SourceReport & { source: { key: string; sourceId: string; etag: string }; movedTo: string | null };

/** What a Region's bucket tells of a round. `folder` is the round's own, below each prefix. */
export interface BucketEvidence {
  pending: string[];
  completed: string[];
  reports: Report[];
}

export async function bucketEvidence(bucket: Bucket, folder: string): Promise<BucketEvidence> {
  const names = (await bucket.list('reports')).filter((name) => name.startsWith(folder));
  const of = async (prefix: 'pending' | 'completed') =>
    (await bucket.list(prefix)).filter((name) => name.startsWith(folder));
  const reports = names.map(async (name) => JSON.parse(await bucket.read('reports', name)) as Report);
  return { pending: await of('pending'), completed: await of('completed'), reports: await Promise.all(reports) };
}

/** Rows of sources by their ids, and how many rows there are in all, as one Region sees them. */
export const readRows = (access: DatabaseAccess, sourceIds: string[]): Promise<{ rows: Row[]; total: number }> =>
  withDatabase(access, async (query) => {
    const rows = await query<Row>(
      `SELECT LOWER(HEX(source_id)) AS source_id, region_indicator, ${expectedColumns}
       FROM book_reviews WHERE source_id IN (${sourceIds.map((id) => `x'${id}'`).join(', ') || 'NULL'})
       ORDER BY source_id, source_offset`,
    );
    const [count] = await query<{ total: number }>('SELECT COUNT(*) AS total FROM book_reviews');
    return {
      // MySQL has no boolean type: 1 and 0.
      rows: rows.map((row) => ({ ...row, verified: row.verified === null ? null : Boolean(row.verified) })),
      total: Number(count?.total),
    };
  });

/** @returns what does not hold, in words, for the sources of one Region. `rows`: as either Region sees them. */
export function judge(region: string, expectations: Expectation[], evidence: BucketEvidence, rows: Row[]): string[] {
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`${region}: ${text}`);
  if (evidence.pending.length > 0) fault(`still pending: ${evidence.pending.join(', ')}`);
  const bySource = Map.groupBy(rows, ({ source_id }) => source_id);
  for (const { version, lines, blank, rejected, rows: expected } of expectations) {
    const { key, etag, mustComplete } = version;
    const reports = evidence.reports.filter(({ source }) => source.key === key && source.etag === etag);
    const [report] = reports;
    if (reports.length > 1) fault(`${key} ${etag} has ${reports.length} reports`);
    if (mustComplete && report?.outcome !== 'completed') fault(`${key}: ${report?.outcome} ${report?.reason ?? ''}`);
    if (!report) continue;
    const found = bySource.get(report.source.sourceId) ?? [];
    bySource.delete(report.source.sourceId);
    const isComplete = report.outcome === 'completed';
    if (isComplete && report.totals) {
      const { totals } = report;
      const accounted = totals.inserted + totals.alreadyPresent + totals.rejected + totals.blank;
      if (totals.lines !== accounted) fault(`${key}: ${totals.lines} lines, ${accounted} accounted for`);
      const counted = [totals.lines, totals.blank, totals.rejected, totals.inserted + totals.alreadyPresent];
      const wanted = [lines, blank, rejected, expected.length];
      if (!isDeepStrictEqual(counted, wanted))
        fault(`${key}: counts ${counted}, an independent reading says ${wanted}`);
      if (!evidence.completed.some((name) => report.movedTo?.endsWith(`/completed/${name}`))) {
        fault(`${key}: not at ${report.movedTo}`);
      }
    }
    if (isComplete && found.length !== expected.length) fault(`${key}: ${found.length} rows of ${expected.length}`);
    const byOffset = new Map(expected.map((row) => [row.source_offset, row]));
    for (const { source_id: _id, region_indicator, ...row } of found) {
      if (region_indicator !== region) fault(`${key}: a row of ${region_indicator}`);
      if (
        !isDeepStrictEqual(
          { ...row, source_offset: Number(row.source_offset) },
          byOffset.get(Number(row.source_offset)),
        )
      ) {
        fault(`${key}: the row at ${row.source_offset} is not what the file says`);
      }
      byOffset.delete(Number(row.source_offset));
    }
  }
  for (const name of evidence.completed) {
    if (!evidence.reports.some(({ movedTo }) => movedTo?.endsWith(`/completed/${name}`)))
      fault(`${name} is completed, and no report says so`);
  }
  for (const { source, outcome } of evidence.reports) {
    const known = expectations.some(({ version }) => version.key === source.key && version.etag === source.etag);
    if (!known) fault(`${source.key} ${source.etag} was ${outcome} without having been uploaded`);
  }
  return faults;
}
