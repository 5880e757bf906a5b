// A source's report: what became of it, for a person and for a reconciliation.

import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Source, SourceOutcome } from '../shared/contract.ts';
import { TransientStorageError } from '../shared/errors.ts';
import { rejectedKey, reportKey } from '../shared/keys.ts';
import { parseJson } from '../shared/parse-json.ts';
import { readText } from '../shared/read-text.ts';
import { isConflict, storageError } from '../shared/s3.ts';
import type { Totals } from './account.ts';

/** That an operator took a completed source's rows out. Written by `npm run withdraw`. */
export interface ReportedWithdrawal {
  /** What the operator gave: why, and a name. */
  reason: string;
  by: string | null;
  /** ISO 8601, as all times here. */
  when: string;
  /** Rows that the source had when the withdrawal began. */
  rows: number;
  /** There are no rows any more, and the file is under withdrawn/. */
  doneWhen?: string;
  /** The file is under reviews/ again. */
  undoneWhen?: string;
}

export interface Report {
  outcome: SourceOutcome['outcome'] | 'withdrawn';
  /** Name and message of the error, or null if completed. */
  reason: string | null;
  region: string;
  source: Source;
  /** Null unless every line was counted: of a completed source, or of one that fails by its counts. */
  totals: Totals | null;
  /** Other files that this one looks like, by their source ids. */
  sameContentAs: string | null;
  sameNameAs: string | null;
  /** What the file turned out to be, such as `lines`, or `gzip of csv`. */
  container: string | null;
  /** How many chunk results there were. */
  chunks: number;
  /** Where this source's rejected records are, if it has any. */
  rejectedPrefix: string;
  /** The key under completed/, failed/ or withdrawn/ that the source gets next, or null if it stays, or where it is not there any more. */
  movedTo: string | null;
  /** When this was found, ISO 8601. */
  when: string;
  /** When the execution began that found it, ISO 8601. Not in reports of earlier versions. */
  startedAt?: string;
  /** The oldest first. Every later report of the source keeps them. */
  withdrawals?: ReportedWithdrawal[];
}

export const rejectedPrefixOf = (source: Source) => rejectedKey(source, 0).replace(/[^/]*$/, '');

/** Attempts against a writer of the same report at the same time, e.g. an event that was delivered twice. */
const attempts = 5;

/**
 * Written before the source moves, so that nothing lies under completed/ or failed/ without one. A repetition that found
 * the same changes nothing. An end without a completed file never overwrites the report of a completed one: another execution, which
 * read another upload of the same bytes, has proven that one meanwhile.
 */
export const writeReport = (report: Report, store: ReportStore): Promise<void> =>
  changeReport(reportKey(report.source), store, (former) => {
    const kept = report.withdrawals === undefined ? former?.withdrawals : undefined;
    const next = kept ? { ...report, withdrawals: kept } : report;
    return former !== null && isNoNews(next, former) ? null : next;
  });

export interface ReportStore {
  s3: Pick<S3Client, 'send'>;
  bucket: string;
}

/**
 * Writes what `change` makes of the report that is there. Another writer may come in between; then it looks again.
 * @param change gets null if there is no report that can be read. It returns null if nothing is to change
 * @throws {TransientStorageError} also where others keep writing it. @throws {ConfigurationError}, and what `change` throws
 */
export async function changeReport(
  key: string,
  store: ReportStore,
  change: (former: Report | null) => Report | null,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const existing = await readText(store, key);
    const next = change(existing && parseReport(existing.text));
    if (next === null) return;
    if (await putReport(key, next, existing?.etag, store)) return;
  }
  throw new TransientStorageError(`S3: PUT ${key}: others kept writing it`);
}

/** Writes the first report of a source. @returns false where there is one */
export const writeNewReport = (report: Report, store: ReportStore): Promise<boolean> =>
  putReport(reportKey(report.source), report, undefined, store);

/** `formerEtag`: of the report that it replaces, or undefined where there is none. @returns false where another one is there */
async function putReport(
  key: string,
  report: Report,
  formerEtag: string | undefined,
  { s3, bucket }: ReportStore,
): Promise<boolean> {
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: `${JSON.stringify(report, null, 2)}\n`,
    ContentType: 'application/json',
    ...(formerEtag === undefined ? { IfNoneMatch: '*' } : { IfMatch: formerEtag }),
  });
  try {
    await s3.send(put);
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw storageError(error, `PUT ${key}`);
  }
}

function isNoNews(report: Report, former: Report): boolean {
  const isCompleted = former.outcome === 'completed';
  if (isCompleted && report.outcome === 'pending') return true;
  // Of another upload of the same bytes: this end found neither its own object nor, yet, the other one's file.
  if (isCompleted && report.movedTo === null && isOfAnother(report, former)) return true;
  // An event that was delivered late finds a withdrawn file gone, and that is no other end.
  if (former.outcome === 'withdrawn' && report.outcome !== 'withdrawn' && report.movedTo === null) return true;
  const asBefore = { when: '', startedAt: '' };
  return JSON.stringify({ ...report, ...asBefore }) === JSON.stringify({ ...former, ...asBefore });
}

/** Whether `former` is of another upload, or of another execution that found it after this one began. This one's own is not. */
const isOfAnother = ({ source, startedAt }: Report, former: Report): boolean =>
  source.etag !== former.source.etag || (former.startedAt !== startedAt && former.when >= (startedAt ?? ''));

function parseReport(text: string): Report | null {
  try {
    return parseJson(text) as Report;
  } catch {
    return null;
  }
}
