// Reads small objects, such as reports. It is not in s3.ts, so that only functions that import it need permission to read.
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { callS3, callS3OrNull } from './s3.ts';

/** A small object's text and ETag, or null if it does not exist. @throws {TransientStorageError} {ConfigurationError} */
export async function readText(
  { s3, bucket }: { s3: Pick<S3Client, 'send'>; bucket: string },
  key: string,
): Promise<{ text: string; etag: string | undefined } | null> {
  const got = await callS3OrNull(`GET ${key}`, s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
  if (got === null) return null;
  const text = await callS3(`GET ${key}`, got.Body?.transformToString() ?? Promise.resolve(''));
  return { text, etag: got.ETag };
}
