// Which objects a batch names: what a Pipe delivers, or what a person wrote.

import * as z from 'zod/mini';
import type { SmallObject } from '../shared/bundle-contract.ts';
import type { DropReason, NamedObject, QueueRecord } from '../shared/contract.ts';
import { pendingPrefix } from '../shared/keys.ts';
import { parseJson } from '../shared/parse-json.ts';

/** The part of an EventBridge event "Object Created" that counts. Its key is plain text, not URL-encoded as in S3's own notifications. */
const objectCreated = z.object({
  detail: z.object({
    bucket: z.object({ name: z.string().check(z.minLength(1)) }),
    object: z.object({
      key: z.string().check(z.minLength(1)),
      size: z.optional(z.number()),
      etag: z.optional(z.string()),
    }),
  }),
});

/** What is dropped, with what is known of it: its key, or the queue message that could not be read. */
export interface Drop {
  reason: DropReason;
  key?: string;
  messageId?: string;
}

export interface NamedObjects {
  /** Each key once, in the order of the batch. */
  keys: string[];
  drops: Drop[];
  /** By key, where the batch tells size and ETag, and does not tell two of them. */
  known: Map<string, KnownObject>;
}

export type KnownObject = Omit<SmallObject, 'key'>;

/**
 * Why a key is no source, by its name alone; null if it may be one. A name that ends with "/" is a folder only where the object is
 * empty, which the name does not tell.
 */
export function dropReasonOfKey(key: string): DropReason | null {
  if (!key.startsWith(pendingPrefix)) return 'outside-prefix';
  return isHidden(key) ? 'hidden' : null;
}

/** Hidden files and the markers and checksums of tools, also in their folders: `_SUCCESS`, `._x`, `_temporary/0/x`, `.x.crc`. */
const isHidden = (key: string) => /(^|\/)[._]/.test(key.slice(pendingPrefix.length)) || key.endsWith('.crc');

/** Never throws: what cannot be read is dropped, and the objects beside it are taken. */
export function nameObjects(batch: readonly (QueueRecord | NamedObject)[], bucket: string): NamedObjects {
  const keys = new Set<string>();
  const known = new Map<string, KnownObject>();
  const drops: Drop[] = [];
  for (const item of batch) {
    const named = 'body' in item ? readEvent(item.body) : { bucket, ...item };
    if (named === null) {
      const messageId = 'body' in item ? item.messageId : undefined;
      drops.push({ reason: 'unreadable-event', ...(messageId !== undefined && { messageId }) });
      continue;
    }
    const reason = named.bucket === bucket ? dropReasonOfKey(named.key) : 'other-bucket';
    if (reason === null) {
      // An object that was overwritten has several events, in any order. It is looked at, then.
      const told = keys.has(named.key) && known.get(named.key)?.etag !== quoted(named.etag) ? null : knownOf(named);
      keys.add(named.key);
      if (told) known.set(named.key, told);
      else known.delete(named.key);
    } else drops.push({ reason, key: named.key });
  }
  return { keys: [...keys], drops, known };
}

/** As S3 gives it. Events leave the quotes out. */
const quoted = (etag: string | undefined) => (etag === undefined ? undefined : `"${etag.replaceAll('"', '')}"`);

function knownOf({ size, etag }: NamedObject): KnownObject | null {
  const quotedEtag = quoted(etag);
  return size === undefined || !Number.isSafeInteger(size) || size < 0 || !quotedEtag || quotedEtag === '""'
    ? null
    : { sizeBytes: size, etag: quotedEtag };
}

function readEvent(body: string): (NamedObject & { bucket: string }) | null {
  let event: unknown;
  try {
    event = parseJson(body);
  } catch {
    return null;
  }
  const parsed = objectCreated.safeParse(event);
  if (!parsed.success) return null;
  const { bucket, object } = parsed.data.detail;
  return { bucket: bucket.name, ...object };
}
