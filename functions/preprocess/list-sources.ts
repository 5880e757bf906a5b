// One page of sources: of the objects that a batch names, or of a drain through the pending prefix.
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { DropReason, Page, PreprocessInput, Source, UnidentifiedSource } from '../shared/contract.ts';
import { pendingPrefix } from '../shared/keys.ts';
import { mapConcurrently } from '../shared/map-concurrently.ts';
import { callS3, mayPass } from '../shared/s3.ts';
import type { Log } from '../shared/telemetry.ts';
import { cursorAfter, type DrainPosition, drainPosition } from './drain-position.ts';
import { countThatFit, maxPageBytes } from './fit-page.ts';
import { inspectObject } from './inspect-object.ts';
import { type Drop, dropReasonOfKey, nameObjects } from './name-objects.ts';
import type { ChunkSettings } from './plan-chunks.ts';

/** Objects looked at side by side, two small requests each: below the SDK's 50 sockets, 200 keys in about a second. */
const inspections = 16;

export interface ListSettings extends ChunkSettings {
  bucket: string;
  /** Keys listed a page of a drain. */
  pageKeys: number;
  pageBytes?: number;
}

interface Dependencies {
  s3: Pick<S3Client, 'send'>;
  log: Log;
  /** Told by a drain when the oldest source of its page was uploaded; what is no source does not age. */
  noteOldest?: (uploadedAt: Date) => void;
  now?: () => Date;
}

interface Listed {
  keys: string[];
  drops: Drop[];
  /** Where the listing continues; null at its end, and always for a batch. */
  cursor: string | null;
  /** By key; a batch does not say. */
  uploadedAt: Map<string, Date>;
}

/**
 * A drain goes forward only: its cursor is the last key that it has seen, so a source that stays pending is not met again.
 * Every object that is not taken is counted in `dropped` and logged.
 * @throws {TransientStorageError} if S3 fails for every object {ConfigurationError} where the bucket cannot be listed
 */
export async function listSources(input: PreprocessInput, settings: ListSettings, deps: Dependencies): Promise<Page> {
  const isBatch = Array.isArray(input) && input.length > 0;
  const position: DrainPosition = Array.isArray(input) ? {} : drainPosition(input, settings.bucket);
  const listed = isBatch
    ? { ...nameObjects(input, settings.bucket), cursor: null, uploadedAt: new Map<string, Date>() }
    : await listPending(position, settings, deps);

  const inspected = await inspectEach(listed.keys, { ...settings, ...position }, deps);
  const drops = [...listed.drops];
  const found: (Source | UnidentifiedSource)[] = [];
  inspected.forEach((result, index) => {
    if (typeof result === 'string') drops.push({ reason: result, key: listed.keys[index] as string });
    else found.push(result);
  });
  const uploads = found.flatMap(({ key }) => listed.uploadedAt.get(key)?.getTime() ?? []);
  if (uploads.length > 0) deps.noteOldest?.(new Date(Math.min(...uploads)));

  const sources = found.slice(0, countThatFit(found, settings.pageBytes ?? maxPageBytes));
  const left = found.slice(sources.length);
  let { cursor } = listed;
  if (left.length > 0 && isBatch) drops.push(...left.map(({ key }): Drop => ({ reason: 'page-full', key })));
  if (left.length > 0 && !isBatch) cursor = sources.at(-1)?.key ?? null;
  const dropped = countDrops(dropsUpTo(drops, left.length > 0 ? cursor : null), deps.log);
  return { sources, dropped, cursor: cursor && cursorAfter(cursor, position) };
}

type Inspected = Source | UnidentifiedSource | DropReason;

/** What S3 refuses of one object is that object's outcome. A passing failure of every object is S3's: the page is asked for again. */
async function inspectEach(
  keys: string[],
  { bucket, takenFrom, ...chunks }: ListSettings & DrainPosition,
  { s3, log }: Dependencies,
): Promise<Inspected[]> {
  const passing: unknown[] = [];
  const inspected = await mapConcurrently(keys, inspections, async (key): Promise<Inspected> => {
    try {
      return await inspectObject({ bucket, key, chunks, ...(takenFrom !== undefined && { takenFrom }) }, { s3 });
    } catch (error) {
      if (mayPass(error)) passing.push(error);
      log.error('an object cannot be read', { key, reason: (error as Error).message });
      return 'unreadable';
    }
  });
  if (passing.length > 0 && passing.length === keys.length) throw passing[0];
  return inspected;
}

/** A drain's page that was cut short meets the keys behind its cursor again; they are counted then, once. */
const dropsUpTo = (drops: Drop[], cursor: string | null) =>
  cursor === null ? drops : drops.filter(({ key }) => key === undefined || compareKeys(key, cursor) <= 0);

/** S3 lists in the order of UTF-8 bytes, which is not that of JavaScript's strings. */
const compareKeys = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

async function listPending(
  { after, minAgeSeconds = 0 }: DrainPosition,
  { bucket, pageKeys }: ListSettings,
  { s3, now = () => new Date() }: Dependencies,
): Promise<Listed> {
  const listing = await callS3(
    `LIST ${pendingPrefix}`,
    s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: pendingPrefix,
        MaxKeys: pageKeys,
        ...(after !== undefined && { StartAfter: after }),
      }),
    ),
  );
  const all = (listing.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  const uploadedAt = new Map(
    (listing.Contents ?? []).flatMap(({ Key, LastModified }) =>
      Key && LastModified ? [[Key, LastModified] as const] : [],
    ),
  );
  const latest = now().getTime() - minAgeSeconds * 1000;
  const isFresh = (key: string) => minAgeSeconds > 0 && (uploadedAt.get(key)?.getTime() ?? 0) > latest;
  const keys: string[] = [];
  const drops: Drop[] = [];
  for (const key of all) {
    const reason = dropReasonOfKey(key) ?? (isFresh(key) ? 'too-fresh' : null);
    if (reason === null) keys.push(key);
    else drops.push({ reason, key });
  }
  return { keys, drops, cursor: listing.IsTruncated ? (all.at(-1) ?? null) : null, uploadedAt };
}

function countDrops(drops: readonly Drop[], log: Log): Page['dropped'] {
  const dropped: Partial<Record<DropReason, number>> = {};
  for (const drop of drops) {
    dropped[drop.reason] = (dropped[drop.reason] ?? 0) + 1;
    // Nothing to tell a person: every drain meets the prefix's folder marker and tools' markers, and one by schedule also fresh files.
    // What cannot be read was logged with its reason.
    const isTold = drop.key === pendingPrefix || ['too-fresh', 'hidden', 'unreadable'].includes(drop.reason);
    if (!isTold) log.warn('not a source', { ...drop });
  }
  return dropped;
}
