// Gathers the state of files in one Region.
import type { DropReason, RowCounts } from '../../functions/shared/contract.ts';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import { mapConcurrently } from '../../functions/shared/map-concurrently.ts';
import { uploadKeyOf } from '../file-names.ts';
import { headObject, type Listed, listObjects, type Store } from '../objects.ts';
import { findReports } from '../reports.ts';
import { type FileStatus, ofObject, statusesOf } from './file-status.ts';

export interface StatusRead {
  files: FileStatus[];
  /** Number of older reports that were not read. */
  leftOut: number;
}

export interface StatusDependencies extends Store {
  /** Asks the Region's database, or null if nobody wants to know. */
  countRows: ((sourceIds: string[]) => Promise<RowCounts>) | null;
}

const requestsAtOnce = 16;
/** Most waiting objects to look at one by one. A person asks for a few. Many are a backlog. */
const closeLooks = 50;
const idsAtOnce = 500;

/** @param file as a person names it @throws an error of functions/shared/errors.ts, and what `countRows` throws */
export async function readStatus(file: string, limit: number, deps: StatusDependencies): Promise<StatusRead> {
  const uploadKey = uploadKeyOf(file);
  const pending: Listed[] = [];
  if (uploadKey.startsWith(pendingPrefix)) {
    for await (const object of listObjects(deps, uploadKey)) if (object.key !== pendingPrefix) pending.push(object);
  }
  const { reports, leftOut } = await findReports(deps, uploadKey, limit);
  const files = statusesOf(reports, pending);
  const waiting = files.filter(({ state }) => state === 'waiting');
  if (waiting.length <= closeLooks) {
    const looked = await mapConcurrently(waiting, requestsAtOnce, async ({ file: key }) => dropReasonOf(deps, key));
    waiting.forEach((status, index) => {
      const dropped = looked[index] ?? null;
      const object = pending.find(({ key }) => key === status.file);
      if (dropped !== null && object) Object.assign(status, ofObject(object, dropped));
    });
  }
  if (deps.countRows) await addRows(files, deps.countRows);
  return { files, leftOut };
}

async function dropReasonOf(store: Store, key: string): Promise<DropReason | null> {
  const head = await headObject(store, key);
  if (head?.ReplicationStatus === 'REPLICA') return 'replica';
  const isArchived = head?.StorageClass === 'GLACIER' || head?.StorageClass === 'DEEP_ARCHIVE';
  return isArchived && !head?.Restore?.includes('ongoing-request="false"') ? 'not-readable-yet' : null;
}

async function addRows(files: FileStatus[], countRows: NonNullable<StatusDependencies['countRows']>): Promise<void> {
  const ids = files.flatMap(({ sourceId }) => sourceId ?? []);
  for (let from = 0; from < ids.length; from += idsAtOnce) {
    const counts = await countRows(ids.slice(from, from + idsAtOnce));
    for (const status of files) {
      if (status.sourceId !== null && status.sourceId in counts) status.rowsNow = counts[status.sourceId] ?? null;
    }
  }
}
