// One object of the Region's bucket: a source, or the reason why it is none.
import { GetObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import type { DropReason, Source } from '../shared/contract.ts';
import { filedChecksumMetadata, originMetadata, sourceIdMetadata } from '../shared/keys.ts';
import { callS3, callS3OrNull, isArchived } from '../shared/s3.ts';
import { type ChunkSettings, planChunks } from './plan-chunks.ts';
import { sniffBytes, sniffFormat } from './sniff-format.ts';
import { contentChecksum, sourceIdOf } from './source-id.ts';

/** Looks taken at an object that is overwritten between two requests, before it is left to the event of its newest content. */
const looks = 3;

/** `takenFrom`: in a takeover, the bucket that replicas were uploaded to; then they are the sources, and nothing else is. */
export async function inspectObject(
  { bucket, key, chunks, takenFrom }: { bucket: string; key: string; chunks: ChunkSettings; takenFrom?: string },
  { s3 }: { s3: Pick<S3Client, 'send'> },
): Promise<Source | DropReason> {
  for (let look = 0; look < looks; look++) {
    const head = await callS3OrNull(
      `HEAD ${key}`,
      s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' })),
    );
    if (head === null) return 'gone';
    const isReplica = head.ReplicationStatus === 'REPLICA';
    if (isReplica !== (takenFrom !== undefined)) return isReplica ? 'replica' : 'not-a-replica';
    if (isUnreadable(head)) return 'not-readable-yet';

    const etag = head.ETag ?? '';
    const sizeBytes = head.ContentLength ?? 0;
    const first = await readFirstBytes({ bucket, key, etag, sizeBytes }, { s3 });
    if (first === 'archived') return 'not-readable-yet';
    if (first === null) continue;

    const format = sniffFormat(first);
    const identify = (originBucket: string) => {
      const sourceId = sourceIdOf({ originBucket, key, sizeBytes, checksum: contentChecksum(head) });
      return { sourceId, originBucket };
    };
    const identity = takenFrom === undefined ? (filedAs(head, identify) ?? identify(bucket)) : identify(takenFrom);
    return {
      ...identity,
      key,
      etag,
      sizeBytes,
      format,
      ...planChunks({ sizeBytes, format }, chunks),
    };
  }
  return 'gone';
}

interface Identity {
  sourceId: string;
  originBucket: string;
}

/**
 * An object that is put back is still the source that it was filed as, and its rows are known by that: of the peer's bucket after
 * a takeover, and of the checksum that its upload had, which a copy of an upload in parts has not. What its metadata says counts
 * only where it fits the content, since metadata may come along with other content.
 */
function filedAs(head: HeadObjectCommandOutput, identify: (originBucket: string) => Identity): Identity | null {
  const { [sourceIdMetadata]: sourceId = '', [originMetadata]: originBucket } = head.Metadata ?? {};
  if (originBucket === undefined || !/^[0-9a-f]{32}$/.test(sourceId)) return null;
  const isThatContent = head.Metadata?.[filedChecksumMetadata] === contentChecksum(head);
  return isThatContent || identify(originBucket).sourceId === sourceId ? { sourceId, originBucket } : null;
}

/** A restored archive object is readable; `Restore` says so with `ongoing-request="false"`. */
function isUnreadable(head: HeadObjectCommandOutput): boolean {
  if (head.ArchiveStatus !== undefined) return true;
  const archived = head.StorageClass === 'GLACIER' || head.StorageClass === 'DEEP_ARCHIVE';
  return archived && !(head.Restore ?? '').includes('ongoing-request="false"');
}

/** Null where the object is not the one that was looked at. An empty one has no first byte to ask for (S3 answers 416). */
async function readFirstBytes(
  { bucket, key, etag, sizeBytes }: { bucket: string; key: string; etag: string; sizeBytes: number },
  { s3 }: { s3: Pick<S3Client, 'send'> },
): Promise<Uint8Array | 'archived' | null> {
  if (sizeBytes === 0) return new Uint8Array();
  const range = `bytes=0-${sniffBytes - 1}`;
  const request = s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, Range: range }));
  try {
    const got = await callS3OrNull(`GET ${key} ${range}`, request);
    return got === null ? null : await callS3(`GET ${key} ${range}`, bodyOf(got));
  } catch (error) {
    if (isArchived((error as Error).cause)) return 'archived';
    throw error;
  }
}

const bodyOf = async (got: { Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined }) =>
  (await got.Body?.transformToByteArray()) ?? new Uint8Array();
