// The identity of a source: the same bytes under the same key are the same source, for every client.
import { createHash } from 'node:crypto';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { whole } from './checksum.ts';

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
 * The checksum that sources were known by before version 0.2: the best one that S3 told of the upload, as `algorithm:value`.
 * It differs between clients that upload the same bytes. It only serves to find the rows of sources that were ingested then.
 */
export function formerChecksum(head: Head): string {
  const etag = head.ETag ?? '';
  const encryptedByKms = head.ServerSideEncryption !== undefined && head.ServerSideEncryption !== 'AES256';
  const etagIsMd5 = /^"[0-9a-f]{32}"$/.test(etag) && !encryptedByKms && head.SSECustomerAlgorithm === undefined;
  const ofWhole = (value: string | undefined) => whole(value, head.ChecksumType);
  const candidates: [algorithm: string, value: string | undefined][] = [
    ['sha256', ofWhole(head.ChecksumSHA256)],
    ['crc64nvme', ofWhole(head.ChecksumCRC64NVME)],
    ['sha1', ofWhole(head.ChecksumSHA1)],
    ['etag', etagIsMd5 ? etag : undefined],
    ['crc32c', ofWhole(head.ChecksumCRC32C)],
    ['crc32', ofWhole(head.ChecksumCRC32)],
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
