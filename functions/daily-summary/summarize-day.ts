// Reads one day's summary from the database and the reports, and writes it to the Region's bucket.
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { InvalidInputError } from '../shared/errors.ts';
import { summaryKey } from '../shared/keys.ts';
import type { Session } from '../shared/mysql.ts';
import { callS3 } from '../shared/s3.ts';
import { addDays, dayOf } from './days.ts';
import { renderPage } from './page.ts';
import { type ReportLimits, readReports } from './read-reports.ts';
import { readRows } from './read-rows.ts';
import { type Summary, summarize } from './summary.ts';

export interface SummaryDependencies {
  openSession: () => Promise<Session>;
  s3: Pick<S3Client, 'send'>;
  bucket: string;
  region: string;
  limits: ReportLimits;
  now: () => Date;
  /** Milliseconds left of the invocation. */
  remainingMs: () => number;
}

export interface SummaryResult {
  date: string;
  bucket: string;
  /** Keys of the two written objects. */
  json: string;
  html: string;
  summary: Summary;
}

/**
 * A second run for the same day overwrites its two objects.
 * @param request without a date: yesterday in UTC
 * @throws {InvalidInputError} for a day that has not begun
 * @throws {TransientDatabaseError} {TransientStorageError} {ConfigurationError}
 */
export async function summarizeDay(
  request: { date?: string | undefined },
  deps: SummaryDependencies,
): Promise<SummaryResult> {
  const today = dayOf(deps.now());
  const date = request.date ?? addDays(today, -1);
  if (date > today) throw new InvalidInputError(`${date} has not begun: today is ${today} in UTC`);
  const { region, bucket } = deps;

  const session = await deps.openSession();
  const rows = await readRows(session, date, deps.remainingMs).finally(session.close);
  const reports = await readReports(date, deps);
  const summary = summarize({ date, region, bucket, role: session.role }, rows, reports);

  const json = summaryKey(date, 'json');
  const html = summaryKey(date, 'html');
  await put(json, `${JSON.stringify(summary, null, 2)}\n`, 'application/json', deps);
  await put(html, renderPage(summary), 'text/html; charset=utf-8', deps);
  return { date, bucket, json, html, summary };
}

const put = (Key: string, Body: string, ContentType: string, { s3, bucket }: SummaryDependencies) =>
  callS3(`PUT ${Key}`, s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType })));
