// Tells the state of each file by its report and by the objects under the pending prefix. Pure.
import type { Report } from '../../functions/postprocess/write-report.ts';
import { dropReasonOfKey } from '../../functions/preprocess/name-objects.ts';
import type { DropReason } from '../../functions/shared/contract.ts';
import type { Listed } from '../objects.ts';

/**
 * `waiting`: uploaded, and no report yet. `pending`: an attempt ended, and the next drain makes another. `not-a-source`: it lies
 * under the pending prefix, and the service leaves it alone. `withdrawing`: a withdrawal was begun and did not end.
 * `gone`: it was pending, and is not there any more.
 */
export type FileState =
  | 'waiting'
  | 'pending'
  | 'completed'
  | 'failed'
  | 'withdrawn'
  | 'withdrawing'
  | 'gone'
  | 'not-a-source';

export interface FileStatus {
  file: string;
  state: FileState;
  sourceId: string | null;
  sizeBytes: number;
  /** ISO 8601, as all times, or null if it is not known. */
  uploadedAt: string | null;
  endedAt: string | null;
  /** The Region that wrote the report. */
  region: string | null;
  reason: string | null;
  totals: Report['totals'];
  /** The object's key, or null if the file is nowhere. */
  location: string | null;
  rejectedPrefix: string | null;
  withdrawals: NonNullable<Report['withdrawals']>;
  /** What the file is, such as `gzip of lines`, or null if it is not known. */
  container: string | null;
  /** Ids of other sources: with the same content, or with other content under the same name. */
  sameContentAs: string | null;
  sameNameAs: string | null;
  /** Rows that the database has now, or null if it was not asked. */
  rowsNow: number | null;
}

/** @param pending what lies under the pending prefix, with the key that was asked for */
export function statusesOf(reports: readonly Report[], pending: readonly Listed[]): FileStatus[] {
  const isTold = new Set<string>();
  const told = reports.map((report) => {
    const object = pending.find(({ key, etag }) => key === report.source.key && etag === report.source.etag);
    if (object && report.outcome === 'pending') isTold.add(object.key);
    return ofReport(report, object);
  });
  const untold = pending.filter(({ key }) => !isTold.has(key)).map((object) => ofObject(object, dropReasonOf(object)));
  return [...told, ...untold].sort(byFileAndTime);
}

const byFileAndTime = (one: FileStatus, other: FileStatus) =>
  one.file < other.file ? -1 : one.file > other.file ? 1 : (one.endedAt ?? '~') < (other.endedAt ?? '~') ? -1 : 1;

function ofReport(report: Report, object: Listed | undefined): FileStatus {
  const { source, outcome, reason, totals, movedTo, when, region, rejectedPrefix, withdrawals = [] } = report;
  const state = stateOf(report, object !== undefined);
  return {
    file: source.key,
    state,
    sourceId: source.sourceId,
    sizeBytes: source.sizeBytes,
    uploadedAt: source.uploadedAt ?? (outcome === 'pending' ? (object?.storedAt.toISOString() ?? null) : null),
    endedAt: when,
    region,
    reason,
    totals,
    location: movedTo ?? (state === 'pending' ? source.key : null),
    rejectedPrefix: (totals?.rejected ?? 0) > 0 ? rejectedPrefix : null,
    withdrawals,
    container: report.container ?? null,
    sameContentAs: report.sameContentAs ?? null,
    sameNameAs: report.sameNameAs ?? null,
    rowsNow: null,
  };
}

function stateOf({ outcome, withdrawals }: Report, isThere: boolean): FileState {
  if (outcome === 'withdrawn') return withdrawals?.at(-1)?.doneWhen === undefined ? 'withdrawing' : 'withdrawn';
  return outcome === 'pending' && !isThere ? 'gone' : outcome;
}

/** What is known without another request. */
const dropReasonOf = ({ key, sizeBytes }: Listed): DropReason | null =>
  key.endsWith('/') && sizeBytes === 0 ? 'folder' : dropReasonOfKey(key);

const notASource: Partial<Record<DropReason, string>> = {
  folder: 'it is empty and its name ends with a slash: that is the marker of a folder',
  'too-large': 'it is larger than one invocation can copy: cut it',
  replica: 'S3 replicated it from the other Region, which ingests it',
  'not-readable-yet': 'it is archived: restore it, and the next drain takes it up',
};

export function ofObject({ key, sizeBytes, storedAt }: Listed, dropped: DropReason | null): FileStatus {
  return {
    file: key,
    state: dropped === null ? 'waiting' : 'not-a-source',
    sourceId: null,
    sizeBytes,
    uploadedAt: storedAt.toISOString(),
    endedAt: null,
    region: null,
    reason: dropped === null ? null : (notASource[dropped] ?? `the service leaves it alone (${dropped})`),
    totals: null,
    location: key,
    rejectedPrefix: null,
    withdrawals: [],
    container: null,
    sameContentAs: null,
    sameNameAs: null,
    rowsNow: null,
  };
}
