// What common clients do with the same file: in one part or in many, and with which checksum.
import {
  type ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { crc64Base64, createCrc64 } from '../../functions/shared/crc64/crc64.ts';

type S3 = Pick<S3Client, 'send'>;
/** `s3`: a client that adds no checksum itself. */
type Upload = (s3: S3, bucket: string, key: string, content: Buffer) => Promise<unknown>;

const mebibyte = 1024 ** 2;

const put =
  (checksum: (content: Buffer) => object = () => ({})): Upload =>
  (s3, Bucket, Key, Body) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...checksum(Body) }));

const crc64Of = (content: Buffer) => {
  const crc = createCrc64();
  crc.add(content);
  return { ChecksumCRC64NVME: crc64Base64(crc.hex()) };
};

/** With CRC32, S3 keeps a checksum of the parts' checksums, unless it is asked for one of the whole object. */
const putInParts =
  (partBytes: number, ChecksumAlgorithm?: ChecksumAlgorithm): Upload =>
  async (s3, Bucket, Key, content) => {
    const algorithm = ChecksumAlgorithm && { ChecksumAlgorithm };
    const isWhole = ChecksumAlgorithm === 'CRC64NVME';
    const type = isWhole ? ({ ChecksumType: 'FULL_OBJECT' } as const) : {};
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...algorithm, ...type }));
    const Parts = [];
    for (let at = 0; at < content.length; at += partBytes) {
      const PartNumber = at / partBytes + 1;
      const Body = content.subarray(at, at + partBytes);
      const checksum = isWhole ? crc64Of(Body) : algorithm;
      const part = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...checksum });
      const { ETag, ChecksumCRC32 } = await s3.send(part);
      Parts.push({ PartNumber, ETag, ChecksumCRC32 });
    }
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  };

export const uploadClients: Record<string, Upload> = {
  'the AWS CLI 2, in one part': put(crc64Of),
  'the AWS CLI 1, in one part': put(),
  'an SDK, in one part, with CRC32': put(() => ({ ChecksumAlgorithm: 'CRC32' })),
  'an SDK, in one part, with SHA-256': put(() => ({ ChecksumAlgorithm: 'SHA256' })),
  'boto3, in parts of 8 MiB, with CRC32': putInParts(8 * mebibyte, 'CRC32'),
  'an SDK, in parts of 5 MiB, with CRC32': putInParts(5 * mebibyte, 'CRC32'),
  'the AWS CLI 2, in parts of 8 MiB': putInParts(8 * mebibyte, 'CRC64NVME'),
  'the AWS CLI 1, in parts of 8 MiB': putInParts(8 * mebibyte),
};

/**
 * As S3 answers for objects under a key of KMS: an ETag says nothing of the content, and each upload has another one. Each client that this
 * gives has other ETags.
 */
export function underKms(s3: S3): S3 {
  const realOf = new Map<string, string>();
  const made = (real: string) => {
    const known = [...realOf].find(([, one]) => one === real)?.[0];
    const etag = known ?? `"${crypto.randomUUID().replaceAll('-', '')}"`;
    realOf.set(etag, real);
    return etag;
  };
  const send = async (command: { input: { IfMatch?: string; CopySourceIfMatch?: string } }) => {
    for (const name of ['IfMatch', 'CopySourceIfMatch'] as const) {
      const real = realOf.get(command.input[name] ?? '');
      if (real !== undefined) command.input[name] = real;
    }
    const output = await s3.send(command as unknown as PutObjectCommand);
    if (command.constructor.name !== 'HeadObjectCommand') return output;
    const head = output as HeadObjectCommandOutput;
    return { ...head, ETag: made(head.ETag ?? ''), ServerSideEncryption: 'aws:kms' };
  };
  return { send } as unknown as S3;
}
