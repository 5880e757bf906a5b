// Moves a source out of pending/, once: copy, then delete, each step recognisable when it is repeated.
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { checksumByS3 } from '../shared/checksum.ts';
import type { Source } from '../shared/contract.ts';
import { TransientStorageError } from '../shared/errors.ts';
import {
  completedKey,
  completedKeyById,
  failedKey,
  failedKeyById,
  originMetadata,
  sourceIdMetadata,
} from '../shared/keys.ts';
import { callS3OrNull, isAbsent, isConflict, storageError } from '../shared/s3.ts';
import { type Copy, type CopyLimits, copyObject } from './copy-object.ts';

export type Place = 'completed' | 'failed';

export interface MoveDependencies {
  s3: Pick<S3Client, 'send'>;
  bucket: string;
  limits: CopyLimits;
}

/** Looks taken at the two objects while others change them. */
const attempts = 4;

/**
 * @param announce called with the key that the source gets, before anything is touched; again if that key changes.
 * @returns the key, or null if the source is neither pending as it was planned nor filed in this place.
 * @throws {TransientStorageError} {ConfigurationError}
 */
export async function moveSource(
  source: Source,
  place: Place,
  announce: (key: string) => Promise<void>,
  deps: MoveDependencies,
): Promise<string | null> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const destination = await findDestination(source, place, deps);
    if (destination.holdsSource) {
      await announce(destination.key);
      await removePending(source, deps);
      return destination.key;
    }
    const head = await headPending(source, deps);
    if (head === null) return null;
    await announce(destination.key);
    if (!(await copySource(source, head, destination.key, deps))) continue;
    await removePending(source, deps);
    return destination.key;
  }
  throw new TransientStorageError(`S3: ${source.key} or its destination kept changing`);
}

/** @returns false where the source changed, or where something is under this key: look again. */
export async function copySource(
  source: Source,
  head: Copy['head'],
  to: string,
  { s3, bucket, limits }: MoveDependencies,
): Promise<boolean> {
  const metadata = { [sourceIdMetadata]: source.sourceId, [originMetadata]: source.originBucket };
  const names = { bucket, from: source.key, to, etag: source.etag };
  try {
    await copyObject({ ...names, head, metadata, onlyIfNew: true }, limits, s3);
    return true;
  } catch (error) {
    if (isAbsent(error) || isConflict(error)) return false;
    throw storageError(error, `COPY ${source.key} to ${to}`);
  }
}

/** The key under which a source is filed already, or null. */
export async function findFiled(source: Source, place: Place, deps: MoveDependencies): Promise<string | null> {
  const destination = await findDestination(source, place, deps);
  return destination.holdsSource ? destination.key : null;
}

/** The object is there as it was planned. */
export async function isPending(source: Source, deps: MoveDependencies): Promise<boolean> {
  return (await headPending(source, deps)) !== null;
}

/** The key holds an object of the same size, and nothing that S3 keeps of it says that its content is another. */
export async function mayHoldSameContent(
  { key, sizeBytes, checksum }: Source,
  deps: MoveDependencies,
): Promise<boolean> {
  const head = await headKey(key, deps);
  if (head === null || head.ContentLength !== sizeBytes) return false;
  const kept = checksumByS3(head);
  return kept === null || checksum === undefined || kept === checksum;
}

interface Destination {
  key: string;
  holdsSource: boolean;
}

/** Names that are tried. Somebody would have to upload files under all of them, id included, to be in the way. */
const names = 8;

/** The source's own name, or one with its id where that is taken: the first one that holds the source or is free. */
async function findDestination(source: Source, place: Place, deps: MoveDependencies): Promise<Destination> {
  for (let attempt = 0; attempt < names; attempt++) {
    const key = nameOf(source, place, attempt);
    const head = await headKey(key, deps);
    if (head === null) return { key, holdsSource: false };
    if (holds(head, source)) return { key, holdsSource: true };
  }
  throw new TransientStorageError(`S3: all names of ${source.key} under ${place}/ are taken`);
}

function nameOf(source: Source, place: Place, attempt: number): string {
  if (attempt === 0) return place === 'completed' ? completedKey(source) : failedKey(source);
  return place === 'completed' ? completedKeyById(source, attempt) : failedKeyById(source, attempt);
}

/** Metadata alone is no proof: size and checksum, where S3 keeps one, must be the source's too. */
function holds(head: HeadObjectCommandOutput, { sourceId, sizeBytes, checksum }: Source): boolean {
  const kept = checksumByS3(head);
  const isOther = kept !== null && checksum !== undefined && kept !== checksum;
  return head.Metadata?.[sourceIdMetadata] === sourceId && head.ContentLength === sizeBytes && !isOther;
}

/** The object, if it is there as it was planned. */
export async function headPending(source: Source, deps: MoveDependencies): Promise<HeadObjectCommandOutput | null> {
  const head = await headKey(source.key, deps);
  return head?.ETag === source.etag ? head : null;
}

const headKey = (key: string, { s3, bucket }: MoveDependencies) =>
  callS3OrNull(`HEAD ${key}`, s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' })));

/** What was uploaded under the same key meanwhile stays: looked for first, for servers that ignore the condition, then left to S3. */
async function removePending(source: Source, deps: MoveDependencies): Promise<void> {
  if ((await headPending(source, deps)) === null) return;
  const request = new DeleteObjectCommand({ Bucket: deps.bucket, Key: source.key, IfMatch: source.etag });
  try {
    await deps.s3.send(request);
  } catch (error) {
    if (isAbsent(error) || isConflict(error)) return;
    throw storageError(error, `DELETE ${source.key}`);
  }
}
