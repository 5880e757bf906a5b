// Uses a Region's bucket as a person with any S3 client would.
import { createReadStream } from 'node:fs';
import { CopyObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  completedPrefix,
  failedPrefix,
  pendingPrefix,
  rejectedPrefix,
  reportsPrefix,
  rootPrefix,
  summariesPrefix,
} from '../../functions/shared/keys.ts';
import { s3ClientFor } from '../storage/s3-server.ts';
import type { Listing, SourceReport } from './evidence.ts';

export interface BucketAccess {
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

const prefixes = {
  pending: pendingPrefix,
  completed: completedPrefix,
  failed: failedPrefix,
  rejected: rejectedPrefix,
  reports: reportsPrefix,
  summaries: summariesPrefix,
} as const;

/** The bucket, with the few requests that a run needs. */
export function openBucket(region: string, { endpoint, bucket: Bucket, ...credentials }: BucketAccess) {
  const s3 = s3ClientFor({ endpoint, credentials }, region);

  /** The keys of all objects under the prefix, without the prefix. */
  const list = async (prefix: keyof typeof prefixes): Promise<string[]> => {
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: prefixes[prefix], ...(after && { ContinuationToken: after }) }),
      );
      for (const { Key = '' } of page.Contents ?? []) names.push(Key.slice(prefixes[prefix].length));
      after = page.NextContinuationToken;
    } while (after);
    return names;
  };

  const read = async (prefix: keyof typeof prefixes, name: string): Promise<string> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: prefixes[prefix] + name }));
    return (await Body?.transformToString()) ?? '';
  };

  const reports = async (): Promise<SourceReport[]> =>
    Promise.all((await list('reports')).map(async (name) => JSON.parse(await read('reports', name)) as SourceReport));
  /** Objects of rejected records. Leaves out those of an abandoned reading: the report names a folder below theirs. */
  const rejected = async (): Promise<string[]> => {
    const folders = (await reports()).map(({ rejectedPrefix: folder }) => folder.slice(rejectedPrefix.length));
    const isGivenUp = (folder: string) => folders.some((each) => each !== folder && each.startsWith(folder));
    return (await list('rejected')).filter((name) => !isGivenUp(name.slice(0, name.lastIndexOf('/') + 1)));
  };

  return {
    list,
    read,
    /** Uploads a file under the pending prefix. */
    upload: (name: string, path: string, sizeBytes: number) =>
      s3.send(
        new PutObjectCommand({
          Bucket,
          Key: prefixes.pending + name,
          Body: createReadStream(path),
          ContentLength: sizeBytes,
        }),
      ),
    /** Puts a completed object back in its place, as the same source. */
    uploadAgain: (name: string) =>
      s3.send(
        new CopyObjectCommand({
          Bucket,
          Key: prefixes.pending + name,
          CopySource: [Bucket, ...(prefixes.completed + name).split('/')].map(encodeURIComponent).join('/'),
        }),
      ),
    listing: async (): Promise<Listing> => ({
      pending: await list('pending'),
      completed: await list('completed'),
      failed: await list('failed'),
      rejected: await rejected(),
    }),
    reports,
    rejectedLines: async () => {
      const names = await rejected();
      return countRejected(names, (name) => read('rejected', name));
    },
    /** Whether the pipeline has put anything into it. */
    isUsed: async (): Promise<boolean> =>
      ((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: rootPrefix, MaxKeys: 1 }))).KeyCount ?? 0) > 0,
    close: () => s3.destroy(),
  };
}

/** A repeated chunk may write a record into two objects. Such a record counts once. */
async function countRejected(names: string[], read: (name: string) => Promise<string>): Promise<number> {
  const records = new Set<string>();
  for (const name of names) {
    const source = name.slice(0, name.lastIndexOf('/'));
    for (const line of (await read(name)).split('\n')) {
      if (line !== '') records.add(`${source} ${(JSON.parse(line) as { offset: number }).offset}`);
    }
  }
  return records.size;
}

export type Bucket = ReturnType<typeof openBucket>;
