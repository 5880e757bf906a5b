// The checksum that identifies a source's content: CRC64NVME of the whole object, written as `crc64nvme:` and base64.
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { crc64Base64 } from './crc64/crc64.ts';

/** `hex`: the CRC64NVME of the whole content. */
export const checksumText = (hex: string) => `crc64nvme:${crc64Base64(hex)}`;

/** S3's CRC64NVME of the whole object, or null if the upload brought another checksum. */
export function checksumByS3(head: Pick<HeadObjectCommandOutput, 'ChecksumCRC64NVME' | 'ChecksumType'>): string | null {
  const value = whole(head.ChecksumCRC64NVME, head.ChecksumType);
  return value === undefined ? null : `crc64nvme:${value}`;
}

/**
 * A checksum of checksums depends on the parts of the upload, so it does not count.
 * Some servers leave the type out. Then the count of parts after a hyphen tells it.
 */
export const whole = (value: string | undefined, type: string | undefined) =>
  value !== undefined && type !== 'COMPOSITE' && !value.includes('-') ? value : undefined;
