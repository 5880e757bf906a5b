// Finds the objects in a bucket that still contain a reviewer after the rows are gone.
import type { Report } from '../../functions/postprocess/write-report.ts';
import {
  completedKey,
  completedKeyById,
  failedKey,
  failedKeyById,
  failedPrefix,
  pendingPrefix,
  rejectedPrefix,
  reportsPrefix,
  withdrawnKey,
  withdrawnPrefix,
} from '../../functions/shared/keys.ts';
import { readText } from '../../functions/shared/read-text.ts';
import { listObjects, type Store } from '../objects.ts';
import { recordsOf } from '../rejected/read-rejected.ts';
import { parseReport } from '../reports.ts';
import { keptUntil, readLifecycle, versionsOf } from './lifecycle.ts';

/** `file`: the current object. `older version`: S3 keeps it, but a listing does not show it. */
export interface Remain {
  kind: 'file' | 'older version' | 'rejected records';
  key: string;
  versionId: string | null;
  /** Rejected records that name the reviewer; null for files. */
  records: number | null;
  /** ISO 8601, or null if nothing ends it. */
  until: string | null;
}

export interface Remains {
  remains: Remain[];
  /** Sources that had rows of the reviewer but have no report in this bucket. */
  unknownSources: string[];
  /** Number of objects by prefix that may contain the reviewer. They have no rows, so nobody knows. */
  notLookedInto: Record<string, number>;
}

/**
 * @param sourceIds that had rows of the reviewer
 * @throws an error of functions/shared/errors.ts
 */
export async function findRemains(reviewerId: string, sourceIds: ReadonlySet<string>, store: Store): Promise<Remains> {
  const rules = await readLifecycle(store);
  const until = (kept: Parameters<typeof keptUntil>[0]) => keptUntil(kept, rules)?.toISOString() ?? null;
  const reports = await reportsOf(sourceIds, store);
  const remains: Remain[] = [];
  for (const { source } of reports) {
    for (const key of placesOf(source)) {
      for (const version of await versionsOf(store, key)) {
        // Another size means other content, uploaded under the same name.
        if (version.sizeBytes !== source.sizeBytes) continue;
        const kind = version.replacedAt === null ? 'file' : 'older version';
        remains.push({ kind, key, versionId: version.versionId, records: null, until: until(version) });
      }
    }
  }
  for await (const { key, storedAt } of listObjects(store, rejectedPrefix)) {
    const records = namesIn((await readText(store, key))?.text ?? '', reviewerId);
    if (records === 0) continue;
    const kept = until({ key, storedAt, replacedAt: null });
    remains.push({ kind: 'rejected records', key, versionId: null, records, until: kept });
  }
  const reported = new Set(reports.map(({ source }) => source.sourceId));
  return {
    remains,
    unknownSources: [...sourceIds].filter((id) => !reported.has(id)),
    notLookedInto: await countWithoutRows(store, new Set(remains.map(({ key }) => key))),
  };
}

/** A report's name ends with the source's id, so it reads only the wanted reports. */
async function reportsOf(sourceIds: ReadonlySet<string>, store: Store): Promise<Report[]> {
  const reports: Report[] = [];
  for await (const { key } of listObjects(store, reportsPrefix)) {
    const id = /\.([0-9a-f]{32})\.json$/.exec(key)?.[1];
    if (id === undefined || !sourceIds.has(id)) continue;
    const report = parseReport((await readText(store, key))?.text ?? '');
    if (report) reports.push(report);
  }
  return reports;
}

/** Every name that a source had or may have. */
const placesOf = (source: Report['source']): string[] => [
  ...new Set([
    source.key,
    completedKey(source),
    completedKeyById(source),
    failedKey(source),
    failedKeyById(source),
    withdrawnKey(source),
  ]),
];

/** Records whose line contains the id anywhere. One too many is better than one too few. */
function namesIn(text: string, reviewerId: string): number {
  // In JSON a line may spell some characters as escapes.
  const spelled = JSON.stringify(reviewerId).slice(1, -1);
  let records = 0;
  for (const { line, lineEncoding } of recordsOf(text)) {
    const bytes = lineEncoding === 'base64' ? Buffer.from(line, 'base64').toString('latin1') : line;
    if (bytes.includes(reviewerId) || bytes.includes(spelled)) records += 1;
  }
  return records;
}

async function countWithoutRows(store: Store, known: ReadonlySet<string>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const prefix of [pendingPrefix, failedPrefix, withdrawnPrefix]) {
    for await (const { key } of listObjects(store, prefix)) {
      if (!known.has(key) && !key.endsWith('/')) counts[prefix] = (counts[prefix] ?? 0) + 1;
    }
  }
  return counts;
}
