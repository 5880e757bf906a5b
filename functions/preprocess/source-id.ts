// What makes an object a source of its own: the same file uploaded again is the same source, other content is another.
import { createHash } from 'node:crypto';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';

type Head = Pick<
  HeadObjectCommandOutput,
  | 'ChecksumSHA256'
  | 'ChecksumSHA1'
  | 'ChecksumCRC64NVME'
  | 'ChecksumCRC32C'
  | 'ChecksumCRC32'
  | 'ChecksumType'
  | 'ETag'
  | 'ServerSideEncryption'
  | 'SSECustomerAlgorithm'
>;

/**
 * The best checksum of the whole content that S3 tells, as `algorithm:value`. CRC64NVME is what S3 computes by itself
 * for an upload that brings no checksum. An SDK that brings CRC32 leaves 32 bits only, so the ETag comes before it
 * where it is the content's MD5; under a KMS key, and after a multipart upload, it is not, and then it comes last.
 */
export function contentChecksum(head: Head): string {
  // A composite checksum depends on how the upload was cut into parts, as a multipart ETag does. Some servers leave the type out.
  const whole = (value: string | undefined) =>
    value !== undefined && head.ChecksumType !== 'COMPOSITE' && !value.includes('-') ? value : undefined;
  const etag = head.ETag ?? '';
  const encryptedByKms = head.ServerSideEncryption !== undefined && head.ServerSideEncryption !== 'AES256';
  const etagIsMd5 = /^"[0-9a-f]{32}"$/.test(etag) && !encryptedByKms && head.SSECustomerAlgorithm === undefined;
  const candidates: [algorithm: string, value: string | undefined][] = [
    ['sha256', whole(head.ChecksumSHA256)],
    ['crc64nvme', whole(head.ChecksumCRC64NVME)],
    ['sha1', whole(head.ChecksumSHA1)],
    ['etag', etagIsMd5 ? etag : undefined],
    ['crc32c', whole(head.ChecksumCRC32C)],
    ['crc32', whole(head.ChecksumCRC32)],
  ];
  const [algorithm, value] = candidates.find(([, known]) => known !== undefined) ?? ['etag', etag];
  return `${algorithm}:${value}`;
}

/** 32 hex digits. JSON keeps the fields apart: no two different inputs give the same text. */
export function sourceIdOf(identity: {
  originBucket: string;
  key: string;
  sizeBytes: number;
  checksum: string;
}): string {
  const { originBucket, key, sizeBytes, checksum } = identity;
  const text = JSON.stringify([originBucket, key, sizeBytes, checksum]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
