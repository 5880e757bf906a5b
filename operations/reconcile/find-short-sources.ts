// After a failover that lost acknowledged commits: which completed sources lack rows, by their reports, and how they get them back.
// Needs S3 and the DB-processing function of one Region, so it works against AWS as against the local Regions.

import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type CopyLimits, copyObject, defaultCopyLimits } from '../../functions/postprocess/copy-object.ts';
import { checksumByS3, checksumText } from '../../functions/shared/checksum.ts';
import { createCrc64 } from '../../functions/shared/crc64/crc64.ts';
import {
  originMetadata,
  reportKey,
  reportKeyPrefix,
  reportsPrefix,
  sourceIdMetadata,
} from '../../functions/shared/keys.ts';
import { parseJson } from '../../functions/shared/parse-json.ts';
import { type PinnedObject, readObject } from '../../functions/shared/read-object.ts';

export interface ReconcileOptions {
  region: string;
  /** The Region's own. */
  bucket: string;
  /** The peer's, whose Region stays lost: what it had completed and S3 had replicated is put back here. */
  lostBucket?: string;
  /** Only the file with this key below the pending prefix, which is put back whether it is short or not, and also from failed/. */
  file?: string;
  /** Reports that were written before are not looked at. */
  since?: Date;
  /** Puts the short sources back under the pending prefix, from where the events process them again. */
  replay: boolean;
}

export interface ReconcileDependencies {
  s3: Pick<S3Client, 'send'> & S3Client;
  /** Invokes the Region's DbProcessingFunction. It leaves out sources that were withdrawn. */
  countRows: (sourceIds: string[]) => Promise<Record<string, number>>;
  say: (line: string) => void;
}

export interface ShortSource {
  key: string;
  sourceId: string;
  originBucket: string;
  /** Rows that its report proves were there, and that are there now. */
  reported: number;
  found: number;
  /** Where the file is now. */
  movedTo: string;
  outcome:
    | 'short'
    | 'replayed'
    /** The peer completed it, and puts it back itself; S3 has replicated its report here. */
    | 'of-peer'
    | 'file-missing'
    | 'name-taken'
    /** What is under `movedTo` was not filed as this source. */
    | 'other-source';
}

export interface Reconciliation {
  reports: number;
  /** Of these, reports of what is looked at: completed sources, or the one file. */
  filed: number;
  /** And what was put back for being asked for. */
  short: ShortSource[];
}

/** What a reconcile needs of a report; see functions/postprocess/write-report.ts. */
interface Report {
  outcome: string;
  /** Where it was completed. */
  region: string;
  source: { sourceId: string; key: string; originBucket: string; sizeBytes: number; checksum?: string };
  totals: { inserted: number; alreadyPresent: number } | null;
  movedTo: string | null;
}

const atOnce = 100;

/** One request as far as S3 allows, because that keeps the checksum. What is larger was filed in parts, and gets the same one again. */
export const limits: CopyLimits = { ...defaultCopyLimits, singleCopyBytes: 5 * 10 ** 9 };

/**
 * A replay adds only what is missing, and may be repeated: rows have their place in the source as their key. A file that is put back
 * says in its metadata which source it is, and its report confirms that; see functions/shared/identify-source.ts.
 */
export async function reconcile(
  { region, bucket: Bucket, lostBucket, file, since, replay }: ReconcileOptions,
  { s3, countRows, say }: ReconcileDependencies,
): Promise<Reconciliation> {
  const result: Reconciliation = { reports: 0, filed: 0, short: [] };
  const judge = async (keys: string[]) => {
    const reports = await Promise.all(
      keys.map(async (Key) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return parseJson((await Body?.transformToString()) ?? 'null') as Report | null;
      }),
    );
    const isLookedAt = (report: Report) =>
      file === undefined
        ? report.outcome === 'completed' && report.totals !== null
        : report.source.key === file && report.movedTo !== null && report.outcome !== 'withdrawn';
    const filed = reports.filter((report) => report !== null && isLookedAt(report)) as Report[];
    const counts = await countRows(filed.map(({ source }) => source.sourceId));
    result.reports += reports.length;
    result.filed += filed.length;
    for (const { source, totals, movedTo, region: filedIn } of filed) {
      const reported = (totals?.inserted ?? 0) + (totals?.alreadyPresent ?? 0);
      // Not there: withdrawn, also where its report does not say so, as of a file that was replaced by a newer one.
      const { [source.sourceId]: found = reported } = counts;
      if (found >= reported && !(replay && file !== undefined)) continue;
      const { key, sourceId, originBucket } = source;
      const isOurs = filedIn === region || originBucket === lostBucket;
      const short: ShortSource = {
        key,
        sourceId,
        originBucket,
        reported,
        found,
        movedTo: movedTo ?? '',
        outcome: 'short',
      };
      if (replay) short.outcome = isOurs ? await putBack(short, Bucket, s3) : 'of-peer';
      say(`${short.outcome.padEnd(8)}  ${found} of ${reported} rows  ${key}`);
      result.short.push(short);
    }
  };
  let keys: string[] = [];
  const Prefix = file === undefined ? reportsPrefix : reportKeyPrefix(file);
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
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

async function putBack(
  { key, sourceId, originBucket, movedTo }: ShortSource,
  bucket: string,
  s3: Pick<S3Client, 'send'>,
): Promise<ShortSource['outcome']> {
  const headOf = (Key: string) =>
    s3.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' })).catch(() => null);
  const head = await headOf(movedTo);
  if (!head) return 'file-missing';
  if (head.Metadata?.[sourceIdMetadata] !== sourceId) return 'other-source';
  // A file that was uploaded under this name meanwhile is processed first. A later reconcile finds the name free.
  if (await headOf(key)) return 'name-taken';
  await confirmInReport(head, { key, sourceId, movedTo }, bucket, s3);
  const metadata = { [sourceIdMetadata]: sourceId, [originMetadata]: originBucket };
  const copy = { bucket, from: movedTo, to: key, etag: head.ETag ?? '', head, metadata, onlyIfNew: true };
  await copyObject(copy, limits, s3);
  return 'replayed';
}

/** Reports of earlier versions hold no checksum. Without one, Preprocess would not believe that the file is this source. */
async function confirmInReport(
  head: HeadObjectCommandOutput,
  source: Pick<ShortSource, 'key' | 'sourceId' | 'movedTo'>,
  Bucket: string,
  s3: Pick<S3Client, 'send'>,
): Promise<void> {
  const Key = reportKey(source);
  const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const report = parseJson((await Body?.transformToString()) ?? 'null') as Report;
  if (report.source.checksum !== undefined) return;
  const object = { bucket: Bucket, key: source.movedTo, etag: head.ETag ?? '' };
  report.source.checksum = checksumByS3(head) ?? (await checksumOf(object, head.ContentLength ?? 0, s3));
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const condition = ETag === undefined ? {} : { IfMatch: ETag };
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: text, ContentType: 'application/json', ...condition }));
}

/** CRC64NVME of an object, as a source has it. Reads it as a whole. */
export async function checksumOf(object: PinnedObject, sizeBytes: number, s3: Pick<S3Client, 'send'>): Promise<string> {
  const crc = createCrc64();
  for await (const block of readObject(s3, object, 0, sizeBytes)) crc.add(block);
  return checksumText(crc.hex());
}
