// Notices new objects by listing, so that an object put by any client on any S3 server starts processing.
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { CreatedObject } from './object-created.ts';

export interface BucketWatch {
  /** Resolves when a listing that began after the call has ended, so that what was there before the call has been seen. */
  look(): Promise<void>;
  /** Something was put: looks, once for all that is put within a moment. */
  lookSoon(): void;
  stop(): Promise<void>;
}

export interface BucketWatchOptions {
  client: S3Client;
  bucket: string;
  prefix: string;
  pollMs: number;
  onCreated: (object: CreatedObject) => void;
  /** A listing failed; the next one is tried all the same. */
  onError: (error: Error) => void;
}

const momentMs = 30;

/**
 * New is a key that the last listing did not have, or had with another ETag or time. So the first listing calls everything
 * new: what was uploaded while no simulation ran would have waited in the queue in AWS, and must not be forgotten here.
 */
export function watchBucket({ client, bucket, prefix, pollMs, onCreated, onError }: BucketWatchOptions): BucketWatch {
  let seen = new Map<string, string>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const list = async () => {
    const now = new Map<string, string>();
    const created: CreatedObject[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token && { ContinuationToken: token }) }),
      );
      for (const {
        Key: key = '',
        ETag: etag = '',
        Size: sizeBytes = 0,
        LastModified: lastModified = new Date(),
      } of page.Contents ?? []) {
        const version = `${etag} ${lastModified.getTime()}`;
        now.set(key, version);
        if (seen.get(key) !== version) created.push({ key, etag, sizeBytes, lastModified });
      }
      token = page.NextContinuationToken;
    } while (token && !stopped);
    if (stopped) return;
    // Only a whole listing counts; one that broke off is repeated, and then its objects are still new.
    seen = now;
    for (const object of created) onCreated(object);
  };

  // One listing at a time; one that has not begun will do for all who ask before it does.
  let current: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const listAfter = () => {
    next ??= current.then(async () => {
      next = undefined;
      if (!stopped) await list().catch(onError);
    });
    current = next;
    return next;
  };
  let soon: NodeJS.Timeout | undefined;
  const lookSoon = () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      void listAfter();
    }, momentMs);
  };
  const loop = async () => {
    await listAfter();
    if (!stopped) timer = setTimeout(loop, pollMs);
  };
  void loop();

  return {
    look: listAfter,
    lookSoon,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(soon);
      await current;
    },
  };
}
