// The objects of a bundle, read side by side.
import type { S3Client } from '@aws-sdk/client-s3';
import type { Bundle, SmallObject } from '../../shared/bundle-contract.ts';
import { ConfigurationError, TransientStorageError } from '../../shared/errors.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import type { Log } from '../../shared/telemetry.ts';
import { readSmall, type SmallRead } from './read-small.ts';

/** Below the SDK's 50 sockets. */
const readsAtOnce = 32;

/**
 * What S3 refuses of one object is that object's result: it stays, and somebody has to look at it. If S3 fails for every object, the bundle
 * is repeated.
 * @throws {TransientStorageError}
 */
export async function readBundle(
  objects: readonly SmallObject[],
  { bucket, takenFrom }: Pick<Bundle, 'takenFrom'> & { bucket: string },
  { s3, log }: { s3: Pick<S3Client, 'send'>; log: Log },
): Promise<SmallRead[]> {
  const passing: unknown[] = [];
  const reads = await mapConcurrently(objects, readsAtOnce, async (object): Promise<SmallRead> => {
    try {
      return await readSmall(object, { bucket, takenFrom }, { s3 });
    } catch (error) {
      const isOfObject = error instanceof TransientStorageError || error instanceof ConfigurationError;
      if (!isOfObject) throw error;
      if (error instanceof TransientStorageError) passing.push(error);
      log.error('an object cannot be read', { key: object.key, reason: error.message });
      return { dropped: 'unreadable' };
    }
  });
  if (passing.length > 0 && passing.length === objects.length) throw passing[0];
  return reads;
}
