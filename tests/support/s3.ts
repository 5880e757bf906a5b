// An S3 server in this process, for tests: a free port on 127.0.0.1, a bucket, and a client that reaches it.
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createS3App } from '../../local/storage/s3-app.ts';

export interface S3Server {
  endpoint: string;
  bucket: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** A client like a function's own; the server's stop ends it. */
  client: S3Client;
  put(key: string, body: string | Uint8Array): Promise<{ etag: string }>;
  /** An object's text, or null if there is no such object. */
  read(key: string): Promise<string | null>;
  remove(key: string): Promise<void>;
  /** At most 1,000 keys. */
  list(prefix: string): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startS3Server(bucket = 'book-reviews-test'): Promise<S3Server> {
  const server = createS3App();
  const endpoint = await server.listen({ host: '127.0.0.1', port: 0 });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  // As a client that sends no checksum. S3 then computes its own.
  const requestChecksumCalculation = 'WHEN_REQUIRED';
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials,
    maxAttempts: 2,
    requestChecksumCalculation,
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    endpoint,
    bucket,
    credentials,
    client,
    async put(key, body) {
      const { ETag } = await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body) }));
      return { etag: ETag as string };
    },
    async read(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await Body?.transformToString()) ?? '';
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return null;
        throw error;
      }
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
    async list(prefix) {
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      return (Contents ?? []).map(({ Key }) => Key as string);
    },
    async stop() {
      client.destroy();
      await server.close();
    },
  };
}
