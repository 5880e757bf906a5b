// Reads and changes the reports of sources for the commands. See functions/postprocess/write-report.ts.

import { changeReport, type Report } from '../functions/postprocess/write-report.ts';
import { pendingPrefix, reportKey, reportsPrefix } from '../functions/shared/keys.ts';
import { mapConcurrently } from '../functions/shared/map-concurrently.ts';
import { parseJson } from '../functions/shared/parse-json.ts';
import { readText } from '../functions/shared/read-text.ts';
import { listingPrefix } from './file-names.ts';
import { type Listed, listObjects, type Store } from './objects.ts';

const readsAtOnce = 16;

export interface FoundReports {
  reports: Report[];
  /** Number of older reports that were not read. */
  leftOut: number;
}

/** The newest reports of the sources whose key is `uploadKey` or begins with it; at most `limit`. */
export async function findReports(store: Store, uploadKey: string, limit: number): Promise<FoundReports> {
  const listed: Listed[] = [];
  for await (const object of listObjects(store, listingPrefix(reportsPrefix, uploadKey))) listed.push(object);
  listed.sort((one, other) => other.storedAt.getTime() - one.storedAt.getTime());
  const read = await mapConcurrently(listed.slice(0, limit), readsAtOnce, ({ key }) => readReport(store, key));
  return {
    reports: read.filter((report): report is Report => report?.source.key.startsWith(uploadKey) ?? false),
    leftOut: Math.max(0, listed.length - limit),
  };
}

/** The reports of one file: one for each content that was uploaded under its key. */
export async function reportsOfFile(store: Store, uploadKey: string): Promise<Report[]> {
  const { reports } = await findReports(store, uploadKey, Number.MAX_SAFE_INTEGER);
  return reports.filter(({ source }) => source.key === uploadKey);
}

async function readReport(store: Store, key: string): Promise<Report | null> {
  const object = await readText(store, key);
  return object && parseReport(object.text);
}

/** Null for objects that are not reports. People may put anything under any prefix. */
export function parseReport(text: string): Report | null {
  try {
    const report = parseJson(text) as Report | null;
    return isReport(report) ? report : null;
  } catch {
    return null;
  }
}

function isReport(report: Report | null): report is Report {
  const { key, sourceId } = report?.source ?? {};
  return typeof key === 'string' && key.startsWith(pendingPrefix) && /^[0-9a-f]{32}$/.test(sourceId ?? '');
}

/**
 * Changes the existing report by `change`. If another writer comes in between, it reads the report again.
 * @param change returns null if nothing is to change
 * @throws {Error} if there is no report, or where others keep writing it
 */
export async function updateReport(
  store: Store,
  source: Report['source'],
  change: (former: Report) => Report | null,
): Promise<void> {
  const key = reportKey(source);
  await changeReport(key, store, (former) => {
    if (!isReport(former)) throw new Error(`there is no report under ${key}`);
    const next = change(former);
    return JSON.stringify(next) === JSON.stringify(former) ? null : next;
  });
}
