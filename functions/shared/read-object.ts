// Reads the bytes of an object, although S3 may break a response.
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ConfigurationError, SourceChangedError, TransientStorageError } from './errors.ts';

export interface PinnedObject {
  bucket: string;
  key: string;
  /** Every read is on condition that the object still has this ETag. */
  etag: string;
}

export interface ReadLimits {
  /** A response, or the next bytes of one, that takes longer counts as broken. Time that the reader spends elsewhere does not count. */
  idleMs: number;
  /** Attempts in a row that bring no byte. */
  attempts: number;
  /** Pause after the first broken attempt; doubled each time, with full jitter. */
  backoffMs: number;
}

export const defaultReadLimits: ReadLimits = { idleMs: 20_000, attempts: 5, backoffMs: 200 };

/** What is left of a body when its reader stops is read as well, up to so many bytes and for so long: less than a new connection costs. */
const restBytes = 64 * 1024;
const restMs = 200;

/**
 * Yields the bytes [from, to) as they come. A body that breaks off or stalls is asked for again from where it broke.
 * @throws {SourceChangedError} where the object is gone or has other content
 * @throws {TransientStorageError} when attempts run out
 */
export async function* readObject(
  s3: Pick<S3Client, 'send'>,
  object: PinnedObject,
  from: number,
  to: number,
  limits: ReadLimits = defaultReadLimits,
): AsyncGenerator<Buffer, void, undefined> {
  let position = from;
  let failures = 0;
  while (position < to) {
    let broke: unknown;
    const response = await openBody(s3, object, position, to, limits.idleMs);
    if ('error' in response) {
      broke = response.error;
    } else {
      const { body } = response;
      const blocks = body[Symbol.asyncIterator]();
      try {
        while (position < to) {
          const next = await within(limits.idleMs, body, blocks);
          if (next.done) break;
          failures = 0;
          // A server that ignores the range, or sends more than it was asked for, must not shift any offset.
          const block = next.value.length > to - position ? next.value.subarray(0, to - position) : next.value;
          position += block.length;
          yield block;
        }
        if (position < to) broke = new Error('the body ended early');
      } catch (error) {
        broke = error;
      } finally {
        // Also where the reader stops early.
        if (broke === undefined && to - position <= restBytes) await readRest(body, blocks);
        body.destroy();
      }
    }
    if (broke === undefined) continue;
    failures += 1;
    if (failures >= limits.attempts) {
      throw new TransientStorageError(`reading ${object.key} broke ${failures} times in a row`, { cause: broke });
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * limits.backoffMs * 2 ** (failures - 1)));
  }
}

type Body = AsyncIterable<Buffer> & { destroy(error?: Error): void };

/** The body's next block; one that does not come in time breaks the body. */
function within(ms: number, body: Body, blocks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  const timer = setTimeout(() => body.destroy(new Error('no byte within the idle time-out')), ms);
  return blocks.next().finally(() => clearTimeout(timer));
}

/** To its end, if that is near: only then its connection serves the next request. */
async function readRest(body: Body, blocks: AsyncIterator<Buffer>): Promise<void> {
  const giveUpAt = performance.now() + restMs;
  let bytes = 0;
  try {
    while (bytes <= restBytes && performance.now() < giveUpAt) {
      const next = await within(restMs, body, blocks);
      if (next.done) return;
      bytes += next.value.length;
    }
  } catch {
    // All that was wanted of it has come.
  }
}

/** The body, or an error that passes. */
async function openBody(
  s3: Pick<S3Client, 'send'>,
  { bucket, key, etag }: PinnedObject,
  from: number,
  to: number,
  idleMs: number,
): Promise<{ body: Body } | { error: unknown }> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), idleMs);
  try {
    const response = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag, Range: `bytes=${from}-${to - 1}` }),
      { abortSignal: abort.signal },
    );
    const body = response.Body as Body | undefined;
    if (!body) return { error: new Error('a response without a body') };
    // A server may answer a range with the whole object; its bytes would be taken for others.
    if (from > 0 && !response.ContentRange?.startsWith(`bytes ${from}-`)) {
      body.destroy();
      return { error: new Error('the response does not begin where it was asked to') };
    }
    return { body };
  } catch (error) {
    throwIfFinal(error, key);
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

function throwIfFinal(error: unknown, key: string): void {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  // 416: the object is shorter than it was, which another ETag would have told already.
  if (status === 412 || status === 404 || status === 416) {
    const what = status === 404 ? 'is not there any more' : 'has other content than was planned';
    throw new SourceChangedError(`${key} ${what}`, { cause: error });
  }
  if (status === 403 && name !== 'InvalidObjectState' && name !== 'RequestTimeTooSkewed') {
    throw new ConfigurationError(`reading ${key} is not allowed`, { cause: error });
  }
}
