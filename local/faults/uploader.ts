// An uploader, who may use any client. Uploads go past the faults of S3, but keep to the order of changes of one key.
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { FaultyRegion } from './faulty-regions.ts';
import { pastFaults } from './s3-proxy.ts';
import type { UploadOptions } from './workload.ts';

export function putter({ name, region, s3 }: Pick<FaultyRegion, 'name' | 'region' | 's3'>) {
  const { accessKeyId, secretAccessKey, bucket: Bucket } = region.s3;
  const open = (requestChecksumCalculation: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED') =>
    new S3Client({
      region: name,
      endpoint: s3.endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      customUserAgent: pastFaults,
      requestChecksumCalculation,
    });
  const [usual, bare] = [open('WHEN_SUPPORTED'), open('WHEN_REQUIRED')];
  const put = async (Key: string, Body: Buffer | null, { client = 'crc32', metadata = {} }: UploadOptions = {}) => {
    if (Body === null) return void (await usual.send(new DeleteObjectCommand({ Bucket, Key })));
    const object: PutObjectCommandInput = { Bucket, Key, Body, Metadata: metadata };
    if (client === 'parts') return uploadInParts(usual, object, Body);
    if (client === 'sha256') object.ChecksumAlgorithm = 'SHA256';
    await (client === 'none' ? bare : usual).send(new PutObjectCommand(object));
  };
  const close = () => {
    usual.destroy();
    bare.destroy();
  };
  return Object.assign(put, { close });
}

/** In one part: S3 takes a part below 5 MiB only as the last one. The object has the ETag and the checksum of an upload in parts. */
async function uploadInParts(
  s3: S3Client,
  { Bucket, Key, Metadata }: PutObjectCommandInput,
  Body: Buffer,
): Promise<void> {
  const upload = { Bucket, Key };
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...upload, Metadata, ChecksumAlgorithm: 'CRC32', ChecksumType: 'COMPOSITE' }),
  );
  const { ETag, ChecksumCRC32 } = await s3.send(
    new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body, ChecksumAlgorithm: 'CRC32' }),
  );
  await s3.send(
    new CompleteMultipartUploadCommand({
      ...upload,
      UploadId,
      MultipartUpload: { Parts: [{ ETag, PartNumber: 1, ChecksumCRC32 }] },
    }),
  );
}
