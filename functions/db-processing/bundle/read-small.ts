// One small object: a single request tells whether it is a source, which one, and all of its bytes.
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { type ObjectHeaders, type SmallObject, sourceOf } from '../../shared/bundle-contract.ts';
import { checksumByS3, checksumText } from '../../shared/checksum.ts';
import type { DropReason, Source } from '../../shared/contract.ts';
import { createCrc64 } from '../../shared/crc64/crc64.ts';
import { TransientStorageError } from '../../shared/errors.ts';
import { identifySource } from '../../shared/identify-source.ts';
import { httpStatus, isAbsent, isArchived, statusOf, storageError } from '../../shared/s3.ts';
import { sniffBytes, sniffFormat } from '../../shared/sniff-format.ts';

export interface SmallSource {
  source: Source;
  bytes: Buffer;
  /** Undefined where they are long: the results of a bundle share one payload. */
  headers?: ObjectHeaders;
}

/** `alone`: it is not the object any more that the bundle was told of. It is looked at again, as a large one is. */
export type SmallRead = SmallSource | { dropped: DropReason } | { alone: true };

interface Place {
  bucket: string;
  /** In a takeover: the bucket that the object was uploaded to. */
  takenFrom?: string | undefined;
}

/** Bodies that break off, before S3 is said to fail. */
const attempts = 4;
const backoffMs = 200;
const maxHeaderCharacters = 100;
/** Until the answer begins, and then until it has ended. */
const answerMs = 20_000;

/** @throws {TransientStorageError} {ConfigurationError} */
export async function readSmall(
  object: SmallObject,
  place: Place,
  { s3 }: { s3: Pick<S3Client, 'send'> },
): Promise<SmallRead> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(object, place, s3);
    } catch (error) {
      const passes = error instanceof TransientStorageError && attempt < attempts;
      if (!passes) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * backoffMs * 2 ** (attempt - 1)));
  }
}

async function readOnce(object: SmallObject, place: Place, s3: Pick<S3Client, 'send'>): Promise<SmallRead> {
  const { key, etag, sizeBytes } = object;
  const { bucket, takenFrom } = place;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), answerMs);
  let got: GetObjectCommandOutput;
  let bytes: Buffer;
  try {
    const request = new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, ChecksumMode: 'ENABLED' });
    got = await s3.send(request, { abortSignal: abort.signal });
    const isReplica = got.ReplicationStatus === 'REPLICA';
    const isNoSource = isReplica !== (takenFrom !== undefined);
    bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    if (isNoSource) return { dropped: isReplica ? 'replica' : 'not-a-replica' };
  } catch (error) {
    if (isArchived(error)) return { dropped: 'not-readable-yet' };
    if (!isAbsent(error)) throw storageError(error, `GET ${key}`);
    return statusOf(error) === httpStatus.missing ? { dropped: 'gone' } : { alone: true };
  } finally {
    clearTimeout(timer);
  }
  if (got.ETag !== etag) return { alone: true };
  // The event may have told another size. The answer to this request counts, and a body that ends early must not look whole.
  if (got.ContentLength !== sizeBytes) return { alone: true };
  if (bytes.length !== sizeBytes)
    throw new TransientStorageError(`S3: GET ${key}: ${bytes.length} of ${sizeBytes} bytes came`);
  const checksum = checksumByS3(got) ?? checksumOf(bytes);
  const identity = await identifySource(got, { key, sizeBytes, checksum }, { bucket, takenFrom }, { s3 });
  const format = sniffFormat(bytes.subarray(0, sniffBytes), sizeBytes <= sniffBytes);
  const headers = headersOf(got);
  return {
    bytes,
    ...(JSON.stringify(headers).length <= maxHeaderCharacters && { headers }),
    source: sourceOf(object, { ...identity, format, uploadedAt: got.LastModified?.toISOString() }),
  };
}

function headersOf(got: GetObjectCommandOutput): ObjectHeaders {
  const { ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl, Metadata = {} } = got;
  const metadata = Object.keys(Metadata).length > 0 ? Metadata : undefined;
  return { ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl, Metadata: metadata };
}

function checksumOf(bytes: Buffer): string {
  const crc = createCrc64();
  crc.add(bytes);
  return checksumText(crc.hex());
}
