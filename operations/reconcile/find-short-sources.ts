// After a failover that lost acknowledged commits: which completed sources lack rows, by their reports, and how they get them back.
// Needs S3 and the DB-processing function of one Region, so it works against AWS as against the local Regions.
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { copyObject, defaultCopyLimits } from '../../functions/postprocess/copy-object.ts';

export interface ReconcileOptions {
  bucket: string;
  /** Reports that were written before are not looked at. */
  since?: Date;
  /** Puts the short sources back under the pending prefix, from where the events process them again. */
  replay: boolean;
}

export interface ReconcileDependencies {
  s3: Pick<S3Client, 'send'> & S3Client;
  /** Invokes the Region's DbProcessingFunction. */
  countRows: (sourceIds: string[]) => Promise<Record<string, number>>;
  say: (line: string) => void;
}

export interface ShortSource {
  key: string;
  sourceId: string;
  /** Rows that its report proves were there, and that are there now. */
  reported: number;
  found: number;
  /** Where the file is now. */
  movedTo: string;
  outcome: 'short' | 'replayed' | 'file-missing' | 'name-taken';
}

export interface Reconciliation {
  reports: number;
  completed: number;
  short: ShortSource[];
}

/** What a reconcile needs of a report; see functions/postprocess/write-report.ts. */
interface Report {
  outcome: string;
  source: { sourceId: string; key: string; originBucket: string };
  totals: { inserted: number; alreadyPresent: number } | null;
  movedTo: string | null;
}

const reportsPrefix = 'book-review/reports/';
const atOnce = 100;

/**
 * A replay adds only what is missing, and may be repeated: rows have their place in the source as their key.
 * A source of a takeover is told as short but not replayed: it would be taken for this Region's own.
 */
export async function reconcile(
  { bucket: Bucket, since, replay }: ReconcileOptions,
  { s3, countRows, say }: ReconcileDependencies,
): Promise<Reconciliation> {
  const result: Reconciliation = { reports: 0, completed: 0, short: [] };
  const judge = async (keys: string[]) => {
    const reports = await Promise.all(
      keys.map(async (Key) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return JSON.parse((await Body?.transformToString()) ?? 'null') as Report | null;
      }),
    );
    const completed = reports.filter((report) => report?.outcome === 'completed' && report.totals) as Report[];
    const counts = await countRows(completed.map(({ source }) => source.sourceId));
    result.reports += reports.length;
    result.completed += completed.length;
    for (const { source, totals, movedTo } of completed) {
      const reported = (totals?.inserted ?? 0) + (totals?.alreadyPresent ?? 0);
      const found = counts[source.sourceId] ?? 0;
      if (found >= reported) continue;
      const short: ShortSource = { ...pick(source), reported, found, movedTo: movedTo ?? '', outcome: 'short' };
      if (replay && source.originBucket === Bucket) short.outcome = await putBack(short);
      say(`${short.outcome.padEnd(8)}  ${found} of ${reported} rows  ${source.key}`);
      result.short.push(short);
    }
  };
  const headOf = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key })).catch(() => null);
  const putBack = async ({ key, movedTo }: ShortSource): Promise<ShortSource['outcome']> => {
    const head = await headOf(movedTo);
    if (!head) return 'file-missing';
    // What was uploaded under this name meanwhile is processed first; a later reconcile finds the name free.
    if (await headOf(key)) return 'name-taken';
    const copy = { bucket: Bucket, from: movedTo, to: key, etag: head.ETag ?? '', head, metadata: {}, onlyIfNew: true };
    await copyObject(copy, defaultCopyLimits, s3);
    return 'replayed';
  };

  let keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: reportsPrefix })) {
    for (const { Key, LastModified } of page.Contents ?? []) {
      if (Key === undefined || (since && LastModified && LastModified < since)) continue;
      keys.push(Key);
      if (keys.length < atOnce) continue;
      await judge(keys);
      keys = [];
    }
  }
  if (keys.length > 0) await judge(keys);
  return result;
}

const pick = ({ key, sourceId }: { key: string; sourceId: string }) => ({ key, sourceId });
