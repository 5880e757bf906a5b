// Notices new objects by listing, so that an object put by any client on any S3 server starts processing.
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { CreatedObject } from './object-created.ts';

export interface BucketWatch {
  /** Resolves when a listing that began after the call has ended, so that what was there before the call has been seen. */
  look(): Promise<void>;
  /** An object was put. Lists once for all objects that are put within a moment. */
  lookSoon(): void;
  stop(): Promise<void>;
}

export interface BucketWatchOptions {
  client: S3Client;
  bucket: string;
  prefix: string;
  pollMs: number;
  onCreated: (object: CreatedObject) => void;
  /** A listing failed. The next one is still tried. */
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
    // Only a complete listing counts. If one breaks off, the next one still finds its objects new.
    seen = now;
    for (const object of created) onCreated(object);
  };

  // One listing runs at a time. A listing that has not begun serves all callers who ask before it begins.
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
