// Objects of a bucket as the commands need them.
import {
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { callS3, callS3OrNull } from '../functions/shared/s3.ts';

export interface Store {
  s3: S3Client;
  bucket: string;
}

export interface Listed {
  key: string;
  etag: string;
  sizeBytes: number;
  storedAt: Date;
}

/** In the order of the keys. @throws an error of functions/shared/errors.ts */
export async function* listObjects({ s3, bucket }: Store, prefix: string): AsyncGenerator<Listed> {
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await callS3(`LIST ${prefix}`, pages.next());
    if (done) return;
    for (const { Key, ETag = '', Size = 0, LastModified = new Date(0) } of value?.Contents ?? []) {
      if (Key !== undefined) yield { key: Key, etag: ETag, sizeBytes: Size, storedAt: LastModified };
    }
  }
}

export const headObject = ({ s3, bucket }: Store, key: string): Promise<HeadObjectCommandOutput | null> =>
  callS3OrNull(`HEAD ${key}`, s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' })));
