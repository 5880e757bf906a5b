// One object of the Region's bucket: a source, or the reason why it is none. What is wrong with one object is never an error of the page.
import { GetObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { checksumByS3, checksumText } from '../shared/checksum.ts';
import type { DropReason, Source, UnidentifiedSource } from '../shared/contract.ts';
import { createCrc64 } from '../shared/crc64/crc64.ts';
import { TransientStorageError } from '../shared/errors.ts';
import { identifySource } from '../shared/identify-source.ts';
import { callS3, callS3OrNull, isArchived } from '../shared/s3.ts';
import { isTooLargeToMove } from '../shared/size-limits.ts';
import { sniffBytes, sniffFormat } from '../shared/sniff-format.ts';
import { planRanges } from './checksum-ranges.ts';
import { type ChunkSettings, planChunks } from './plan-chunks.ts';

/** Looks taken at an object that is overwritten between two requests, before it is left to the event of its newest content. */
const looks = 3;
/** An object of which S3 keeps no CRC64NVME is read here as a whole up to this size, in place of its first bytes. */
const readWholeBytes = 4 * 1024 ** 2;

export interface ObjectToInspect {
  bucket: string;
  key: string;
  chunks: ChunkSettings;
  /** In a takeover: the bucket that replicas were uploaded to. Then they are the sources, and nothing else is. */
  takenFrom?: string;
}

/** @throws {TransientStorageError} {ConfigurationError} */
export async function inspectObject(
  { bucket, key, chunks, takenFrom }: ObjectToInspect,
  { s3 }: { s3: Pick<S3Client, 'send'> },
): Promise<Source | UnidentifiedSource | DropReason> {
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
    if (key.endsWith('/') && sizeBytes === 0) return 'folder';
    if (isTooLargeToMove(sizeBytes)) return 'too-large';
    const known = checksumByS3(head);
    const readsAll = known === null && sizeBytes <= readWholeBytes;
    const beginning = { bucket, key, etag, bytes: readsAll ? sizeBytes : Math.min(sniffBytes, sizeBytes) };
    const first = await readBeginning(beginning, { s3 });
    if (first === 'archived') return 'not-readable-yet';
    if (first === null) continue;

    const format = sniffFormat(first.subarray(0, sniffBytes), sizeBytes <= sniffBytes);
    const uploadedAt = head.LastModified === undefined ? {} : { uploadedAt: head.LastModified.toISOString() };
    const planned = { key, etag, sizeBytes, format, ...planChunks({ sizeBytes, format }, chunks), ...uploadedAt };
    const checksum = known ?? (readsAll ? checksumOf(first) : null);
    if (checksum === null) {
      return { ...planned, ...(takenFrom !== undefined && { takenFrom }), ...planRanges(sizeBytes) };
    }
    return {
      ...(await identifySource(head, { key, sizeBytes, checksum }, { bucket, takenFrom }, { s3 })),
      ...planned,
    };
  }
  return 'gone';
}

function checksumOf(content: Uint8Array): string {
  const crc = createCrc64();
  crc.add(content);
  return checksumText(crc.hex());
}

/** A restored archive object is readable; `Restore` says so with `ongoing-request="false"`. */
function isUnreadable(head: HeadObjectCommandOutput): boolean {
  if (head.ArchiveStatus !== undefined) return true;
  const archived = head.StorageClass === 'GLACIER' || head.StorageClass === 'DEEP_ARCHIVE';
  return archived && !(head.Restore ?? '').includes('ongoing-request="false"');
}

/** Null if the object is not the one that was looked at. An empty one has no first byte to ask for (S3 answers 416). */
async function readBeginning(
  { bucket, key, etag, bytes }: { bucket: string; key: string; etag: string; bytes: number },
  { s3 }: { s3: Pick<S3Client, 'send'> },
): Promise<Uint8Array | 'archived' | null> {
  if (bytes === 0) return new Uint8Array();
  const range = `bytes=0-${bytes - 1}`;
  const request = s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, Range: range }));
  try {
    const got = await callS3OrNull(`GET ${key} ${range}`, request);
    if (got === null) return null;
    const body = await callS3(`GET ${key} ${range}`, bodyOf(got));
    // A body can end early and look whole. It would tell another format, and make the object another source.
    if (body.length < bytes) throw new TransientStorageError(`S3: GET ${key} ${range}: only ${body.length} bytes came`);
    return body.subarray(0, bytes);
  } catch (error) {
    if (isArchived((error as Error).cause)) return 'archived';
    throw error;
  }
}

const bodyOf = async (got: { Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined }) =>
  (await got.Body?.transformToByteArray()) ?? new Uint8Array();
