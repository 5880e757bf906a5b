// Which objects a batch names: what a Pipe delivers, or what a person wrote.

import * as z from 'zod/mini';
import type { DropReason, NamedObject, QueueRecord } from '../shared/contract.ts';
import { pendingPrefix } from '../shared/keys.ts';
import { parseJson } from '../shared/parse-json.ts';

/** The part of an EventBridge event "Object Created" that counts. Its key is plain text, not URL-encoded as in S3's own notifications. */
const objectCreated = z.object({
  detail: z.object({
    bucket: z.object({ name: z.string().check(z.minLength(1)) }),
    object: z.object({ key: z.string().check(z.minLength(1)) }),
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
}

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
  const drops: Drop[] = [];
  for (const item of batch) {
    const named = 'body' in item ? readEvent(item.body) : { bucket, key: item.key };
    if (named === null) {
      const messageId = 'body' in item ? item.messageId : undefined;
      drops.push({ reason: 'unreadable-event', ...(messageId !== undefined && { messageId }) });
      continue;
    }
    const reason = named.bucket === bucket ? dropReasonOfKey(named.key) : 'other-bucket';
    if (reason === null) keys.add(named.key);
    else drops.push({ reason, key: named.key });
  }
  return { keys: [...keys], drops };
}

function readEvent(body: string): { bucket: string; key: string } | null {
  let event: unknown;
  try {
    event = parseJson(body);
  } catch {
    return null;
  }
  const parsed = objectCreated.safeParse(event);
  if (!parsed.success) return null;
  const { bucket, object } = parsed.data.detail;
  return { bucket: bucket.name, key: object.key };
}
