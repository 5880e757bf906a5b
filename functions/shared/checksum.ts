// The checksum by which a source's content is known: CRC64NVME of the whole object, as `crc64nvme:` and base64.
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { crc64Base64 } from './crc64/crc64.ts';

/** `hex`: CRC64NVME of the whole content. */
export const checksumText = (hex: string) => `crc64nvme:${crc64Base64(hex)}`;

/** The CRC64NVME of the whole object that S3 keeps, or null where the upload brought another checksum. */
export function checksumByS3(head: Pick<HeadObjectCommandOutput, 'ChecksumCRC64NVME' | 'ChecksumType'>): string | null {
  const value = whole(head.ChecksumCRC64NVME, head.ChecksumType);
  return value === undefined ? null : `crc64nvme:${value}`;
}

/**
 * A checksum of checksums depends on how the upload was cut into parts, so it does not count.
 * Some servers leave the type out: the count of parts behind a hyphen tells too.
 */
export const whole = (value: string | undefined, type: string | undefined) =>
  value !== undefined && type !== 'COMPOSITE' && !value.includes('-') ? value : undefined;
