// The identity of a large object of which S3 keeps no CRC64NVME: its ranges are read by as many invocations, and their checksums combined.
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { checksumText } from '../shared/checksum.ts';
import type { Source, UnidentifiedSource } from '../shared/contract.ts';
import { combineCrc64, createCrc64, emptyCrc64 } from '../shared/crc64/crc64.ts';
import { SourceChangedError } from '../shared/errors.ts';
import { identifySource } from '../shared/identify-source.ts';
import { readObject } from '../shared/read-object.ts';
import { callS3 } from '../shared/s3.ts';

/** A state's payload holds the checksums of all ranges, and a history has few events: see maxChunks in plan-chunks.ts. */
const maxRanges = 100;
const leastRangeBytes = 64 * 1024 ** 2;

/** At most 100 ranges of one size. */
export function planRanges(sizeBytes: number): Pick<UnidentifiedSource, 'rangeBytes' | 'rangeCount'> {
  const rangeBytes = Math.max(leastRangeBytes, Math.ceil(sizeBytes / maxRanges));
  return { rangeBytes, rangeCount: Math.max(1, Math.ceil(sizeBytes / rangeBytes)) };
}

const rangeOf = ({ rangeBytes, sizeBytes }: UnidentifiedSource, index: number): [from: number, to: number] => [
  index * rangeBytes,
  Math.min((index + 1) * rangeBytes, sizeBytes),
];

interface Place {
  bucket: string;
  s3: Pick<S3Client, 'send'>;
}

/** @returns CRC64NVME, 16 hex digits. @throws {SourceChangedError} {TransientStorageError} {ConfigurationError} */
export async function checksumRange(source: UnidentifiedSource, index: number, { bucket, s3 }: Place): Promise<string> {
  const crc = createCrc64();
  for await (const block of readObject(s3, { bucket, key: source.key, etag: source.etag }, ...rangeOf(source, index))) {
    crc.add(block);
  }
  return crc.hex();
}

/** `ranges`: the checksums of all ranges, in order. @throws {SourceChangedError} if the object is not the one that was read */
export async function identify(source: UnidentifiedSource, ranges: string[], { bucket, s3 }: Place): Promise<Source> {
  const { key, etag, sizeBytes, format, chunkBytes, chunkCount, uploadedAt, takenFrom } = source;
  if (ranges.length !== source.rangeCount) throw new SourceChangedError(`${key}: a range was not read`);
  const hex = ranges.reduce((whole, range, index) => {
    const [from, to] = rangeOf(source, index);
    return combineCrc64(whole, range, to - from);
  }, emptyCrc64);
  const head = await callS3(
    `HEAD ${key}`,
    s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, ChecksumMode: 'ENABLED' })),
  );
  if (head.ETag !== etag) throw new SourceChangedError(`${key} has other content than was planned`);
  const content = { key, sizeBytes, checksum: checksumText(hex) };
  const identity = await identifySource(head, content, { bucket, takenFrom }, { s3 });
  const planned = { key, etag, sizeBytes, format, chunkBytes, chunkCount };
  return { ...identity, ...planned, ...(uploadedAt !== undefined && { uploadedAt }) };
}
