// A server-side copy of one pinned object, in one request or in parts.
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type HeadObjectCommandOutput,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { mapConcurrently } from '../shared/map-concurrently.ts';

export interface CopyLimits {
  /** Up to this size one request copies. S3 allows 5 GB; its answer comes when the copy is done, so less keeps each wait short. */
  singleCopyBytes: number;
  /** Size of a part above; S3 wants at least 5 MiB, and at most 10,000 parts. */
  partBytes: number;
}

export const defaultCopyLimits: CopyLimits = { singleCopyBytes: 1024 ** 3, partBytes: 256 * 1024 ** 2 };

const maxParts = 10_000;
const partsAtOnce = 8;
/** S3's limit on user metadata, names and values together. */
const maxMetadataBytes = 2048;

export interface Copy {
  bucket: string;
  from: string;
  to: string;
  /** The copy fails with 412 when `from` has another one. */
  etag: string;
  /** `from` as it is: its size and its metadata, which the copy keeps. */
  head: HeadObjectCommandOutput;
  /** Added to the metadata. */
  metadata: Record<string, string>;
  /** The copy fails with 412 when `to` exists. */
  onlyIfNew: boolean;
}

type S3 = Pick<S3Client, 'send'>;

/** Errors are those of the S3 client. Tags and storage class do not come along. */
export async function copyObject(copy: Copy, limits: CopyLimits, s3: S3): Promise<void> {
  const sizeBytes = copy.head.ContentLength ?? 0;
  if (sizeBytes > limits.singleCopyBytes) return copyInParts(copy, sizeBytes, limits, s3);
  await s3.send(
    new CopyObjectCommand({
      ...target(copy),
      ...pinnedSource(copy),
      MetadataDirective: 'REPLACE',
      ...(copy.onlyIfNew && { IfNoneMatch: '*' }),
    }),
  );
}

async function copyInParts(copy: Copy, sizeBytes: number, limits: CopyLimits, s3: S3): Promise<void> {
  const partBytes = Math.max(limits.partBytes, Math.ceil(sizeBytes / maxParts));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target(copy)));
  const upload = { Bucket: copy.bucket, Key: copy.to, UploadId };
  try {
    const starts = Array.from({ length: Math.ceil(sizeBytes / partBytes) }, (_, index) => index * partBytes);
    const Parts = await mapConcurrently(starts, partsAtOnce, async (start, index) => {
      const end = Math.min(start + partBytes, sizeBytes);
      const { CopyPartResult } = await s3.send(
        new UploadPartCopyCommand({
          ...upload,
          ...pinnedSource(copy),
          PartNumber: index + 1,
          CopySourceRange: `bytes=${start}-${end - 1}`,
        }),
      );
      return { PartNumber: index + 1, ETag: CopyPartResult?.ETag };
    });
    const condition = copy.onlyIfNew ? { IfNoneMatch: '*' } : {};
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, ...condition, MultipartUpload: { Parts } }));
  } catch (error) {
    // Parts of an upload that nobody ends cost storage. Where this fails as well, the bucket's lifecycle rule ends it.
    await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** The SDK sends CopySource as it is, so it must be URL-encoded here: a plus sign would come out as a space. */
const pinnedSource = ({ bucket, from, etag }: Copy) => ({
  CopySource: `${bucket}/${from.split('/').map(encodeURIComponent).join('/')}`,
  CopySourceIfMatch: etag,
});

function target({ bucket, to, head, metadata }: Copy) {
  const kept = { ...head.Metadata, ...metadata };
  const bytes = Object.entries(kept).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  return {
    Bucket: bucket,
    Key: to,
    // The uploader's own metadata gives way where both together are too long: a source must be movable.
    Metadata: bytes > maxMetadataBytes ? metadata : kept,
    ContentType: head.ContentType,
    ContentEncoding: head.ContentEncoding,
    ContentLanguage: head.ContentLanguage,
    ContentDisposition: head.ContentDisposition,
    CacheControl: head.CacheControl,
  };
}
