// Reads from the reports of a day how many records were rejected, because no table has them. It reads only its own bucket: the
// functions' network does not reach the peer's bucket in the other Region. The peer's reports come by replication.

import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { reportsPrefix } from '../shared/keys.ts';
import { mapConcurrently } from '../shared/map-concurrently.ts';
import { parseJson } from '../shared/parse-json.ts';
import { readText } from '../shared/read-text.ts';
import { callS3 } from '../shared/s3.ts';
import { addDays, dayOf } from './days.ts';

const counts = ['lines', 'inserted', 'alreadyPresent', 'rejected', 'blank'] as const;
type Counts = Record<(typeof counts)[number], number>;

/** Sums over the reports that one Region wrote on the day. A source that came again has one report: the latest. */
export interface RegionReports extends Counts {
  region: string;
  /** Sources by outcome. Only a completed source has counts. */
  completed: number;
  failed: number;
  pending: number;
  rejectedByReason: Record<string, number>;
}

export interface DayReports {
  /** By the Region that wrote them. */
  regions: Record<string, RegionReports>;
  /** False if a limit was met before all of the day's reports were read. */
  isComplete: boolean;
}

export interface ReportLimits {
  /** Most keys to look at. S3 lists a thousand per request and cannot select by time. */
  listedKeys: number;
  /** Most reports of the day to read. */
  reports: number;
}

/** A minute of listing and some minutes of reading, at most. */
export const defaultReportLimits: ReportLimits = { listedKeys: 500_000, reports: 20_000 };

const readsAtOnce = 16;
/** S3's clock and a function's clock may differ. Also, a report is stored after its `when`. */
const slackMs = 10 * 60_000;

const count = z.int().check(z.nonnegative());
/** The part of a report (functions/postprocess/write-report.ts) that this file uses. */
const report = z.object({
  outcome: z.enum(['completed', 'failed', 'pending']),
  region: z.string(),
  totals: z.nullable(
    z.object({
      lines: count,
      inserted: count,
      alreadyPresent: count,
      rejected: count,
      blank: count,
      rejectedByReason: z.record(z.string(), count),
    }),
  ),
  when: z.string(),
});
type Report = z.infer<typeof report>;

/** @throws {TransientStorageError} {ConfigurationError} */
export async function readReports(
  date: string,
  { s3, bucket, limits }: { s3: Pick<S3Client, 'send'>; bucket: string; limits: ReportLimits },
): Promise<DayReports> {
  const { keys, isComplete } = await listReports(date, { s3, bucket, limits });
  const read = await mapConcurrently(keys, readsAtOnce, async (key) => {
    const object = await readText({ s3, bucket }, key);
    return object && parseReport(object.text);
  });
  const ofDay = read.filter((one): one is Report => one?.when.startsWith(date) === true);
  const regions: DayReports['regions'] = {};
  for (const one of ofDay) {
    regions[one.region] ??= none(one.region);
    add(regions[one.region] as RegionReports, one);
  }
  return { regions, isComplete };
}

async function listReports(
  date: string,
  { s3, bucket, limits }: { s3: Pick<S3Client, 'send'>; bucket: string; limits: ReportLimits },
): Promise<{ keys: string[]; isComplete: boolean }> {
  const from = Date.parse(date) - slackMs;
  // Replication may bring a report later, so the upper bound is the end of the next day.
  const to = Date.parse(addDays(date, 2));
  const keys: string[] = [];
  let listed = 0;
  let after: string | undefined;
  do {
    const page = await callS3(
      `LIST ${reportsPrefix}`,
      s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: reportsPrefix,
          ...(after !== undefined && { ContinuationToken: after }),
        }),
      ),
    );
    for (const { Key, LastModified } of page.Contents ?? []) {
      listed++;
      const storedAt = LastModified?.getTime() ?? 0;
      if (Key !== undefined && storedAt >= from && storedAt < to) keys.push(Key);
    }
    after = page.NextContinuationToken;
    if (keys.length > limits.reports) return { keys: keys.slice(0, limits.reports), isComplete: false };
    if (after !== undefined && listed >= limits.listedKeys) return { keys, isComplete: false };
  } while (after !== undefined);
  return { keys, isComplete: true };
}

const none = (region: string): RegionReports => ({
  region,
  completed: 0,
  failed: 0,
  pending: 0,
  lines: 0,
  inserted: 0,
  alreadyPresent: 0,
  rejected: 0,
  blank: 0,
  rejectedByReason: {},
});

function add(sums: RegionReports, { outcome, totals }: Report): void {
  sums[outcome]++;
  if (totals === null) return;
  for (const name of counts) sums[name] += totals[name];
  for (const [reason, records] of Object.entries(totals.rejectedByReason)) {
    sums.rejectedByReason[reason] = (sums.rejectedByReason[reason] ?? 0) + records;
  }
}

/** Ignores objects that are not reports. People may put anything under this prefix. */
function parseReport(text: string): Report | null {
  try {
    const parsed = report.safeParse(parseJson(text));
    return parsed.success ? { ...parsed.data, when: dayOf(new Date(parsed.data.when)) } : null;
  } catch {
    return null;
  }
}
