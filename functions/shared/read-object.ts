// Reads the bytes of an object, even if S3 breaks a response.
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ConfigurationError, SourceChangedError, TransientStorageError } from './errors.ts';
import { httpStatus, statusOf } from './s3.ts';

export interface PinnedObject {
  bucket: string;
  key: string;
  /** Every read requires that the object still has this ETag. */
  etag: string;
}

export interface ReadLimits {
  /** If a response, or its next bytes, take longer, it counts as broken. Time that the reader spends elsewhere does not count. */
  idleMs: number;
  /** Most attempts in a row that bring no byte. */
  attempts: number;
  /** The pause after the first broken attempt. It doubles each time, with full jitter. */
  backoffMs: number;
}

export const defaultReadLimits: ReadLimits = { idleMs: 20_000, attempts: 5, backoffMs: 200 };

/** If the reader stops near the end of a body, drain the rest so that the connection can be reused. These limits keep that cheaper than reconnecting. */
const restBytes = 64 * 1024;
const restMs = 200;

/**
 * Yields the bytes [from, to) as they come. If a body breaks off or stalls, it asks for the rest.
 * @throws {SourceChangedError} if the object is gone or has other content
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
          // A server may ignore the range, or send too much. This must not shift any offset.
          const block = next.value.length > to - position ? next.value.subarray(0, to - position) : next.value;
          position += block.length;
          yield block;
        }
        if (position < to) broke = new Error('the body ended early');
      } catch (error) {
        broke = error;
      } finally {
        // This also runs if the reader stops early.
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

/** The body's next block. If it does not come in time, the body counts as broken. */
function within(ms: number, body: Body, blocks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  const timer = setTimeout(() => body.destroy(new Error('no byte within the idle time-out')), ms);
  return blocks.next().finally(() => clearTimeout(timer));
}

/** Reads to the end, if it is near. Only then can the next request use the connection. */
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
    // All wanted bytes have come.
  }
}

/** The body, or a transient error. */
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
    // A server may answer a range with the whole object. Its bytes would be taken for others.
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
  const { name } = error as { name?: string };
  const status = statusOf(error);
  const isMissing = status === httpStatus.missing;
  // A range beyond the end: the object is shorter than before. Another ETag would already have told so.
  if (isMissing || status === httpStatus.conditionFailed || status === httpStatus.rangeBeyondEnd) {
    const what = isMissing ? 'is not there any more' : 'has other content than was planned';
    throw new SourceChangedError(`${key} ${what}`, { cause: error });
  }
  if (status === httpStatus.forbidden && name !== 'InvalidObjectState' && name !== 'RequestTimeTooSkewed') {
    throw new ConfigurationError(`reading ${key} is not allowed`, { cause: error });
  }
}
