// One page of sources: of the objects that a batch names, or of a drain through the pending prefix.
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { AloneObject, BundlePage, SmallObject } from '../shared/bundle-contract.ts';
import type { DropReason, Page, PreprocessInput, Source, UnidentifiedSource } from '../shared/contract.ts';
import { pendingPrefix } from '../shared/keys.ts';
import { mapConcurrently } from '../shared/map-concurrently.ts';
import { callS3, mayPass } from '../shared/s3.ts';
import type { Log } from '../shared/telemetry.ts';
import { cursorAfter, type DrainPosition, drainPosition } from './drain-position.ts';
import { countThatFit, maxBundlePageBytes, maxPageBytes } from './fit-page.ts';
import { inspectObject } from './inspect-object.ts';
import { type Drop, dropReasonOfKey, type KnownObject, nameObjects } from './name-objects.ts';
import { type BundleSettings, planBundles } from './plan-bundles.ts';
import type { ChunkSettings } from './plan-chunks.ts';

/** Objects looked at side by side, two small requests each: below the SDK's 50 sockets, 200 keys in about a second. */
const inspections = 16;

export interface ListSettings extends ChunkSettings {
  bucket: string;
  /** Keys listed a page of a drain. */
  pageKeys: number;
  pageBytes?: number;
}

type BundleListSettings = ListSettings & BundleSettings;

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
  known: Map<string, KnownObject>;
}

/**
 * A drain goes forward only: its cursor is the last key that it has seen, so a source that stays pending is not met again.
 * Every object that is not taken is counted in `dropped` and logged.
 * @throws {TransientStorageError} if S3 fails for every object {ConfigurationError} where the bucket cannot be listed
 */
export async function listSources(input: PreprocessInput, settings: ListSettings, deps: Dependencies): Promise<Page> {
  const { found, ...page } = await listFound(input, settings, deps, () => false);
  return { sources: found.filter(isSource), ...page };
}

const bundlePage = { pageBytes: maxBundlePageBytes };

/** As `listSources`, for a state machine that knows bundles of small objects. */
export async function listBundles(
  input: PreprocessInput,
  settings: BundleListSettings,
  deps: Dependencies,
): Promise<BundlePage> {
  const isSmall = ({ sizeBytes }: KnownObject) => sizeBytes <= settings.smallBytes;
  const { found, takenFrom, ...page } = await listFound(input, { ...bundlePage, ...settings }, deps, isSmall);
  const isBatch = Array.isArray(input) && input.length > 0;
  return { ...planBundles(found, { takenFrom, isBatch }, settings), ...page };
}

/** A page of objects that a bundle could not take. @throws as `listSources` */
export async function listAlone(
  alone: readonly AloneObject[],
  cursor: string | null,
  settings: BundleListSettings,
  deps: Dependencies,
): Promise<BundlePage> {
  // All are of one drain.
  const takenFrom = alone[0]?.takenFrom;
  const keys = alone.map(({ key }) => key);
  const listed: Listed = { keys, drops: [], cursor: null, uploadedAt: new Map(), known: new Map() };
  const position = takenFrom === undefined ? {} : { takenFrom };
  const { found, dropped } = await inspectListed(listed, true, position, settings, deps, () => false);
  return { ...planBundles(found, { takenFrom, isBatch: true }, settings), dropped, cursor };
}

type Found = Source | UnidentifiedSource | SmallObject;
const isSource = (found: Found): found is Source | UnidentifiedSource => 'format' in found;

async function listFound(
  input: PreprocessInput,
  settings: ListSettings,
  deps: Dependencies,
  isSmall: (object: KnownObject) => boolean,
) {
  const isBatch = Array.isArray(input) && input.length > 0;
  const position: DrainPosition = Array.isArray(input) ? {} : drainPosition(input, settings.bucket);
  const listed = isBatch
    ? { ...nameObjects(input, settings.bucket), cursor: null, uploadedAt: new Map<string, Date>() }
    : await listPending(position, settings, deps);
  const page = await inspectListed(listed, isBatch, position, settings, deps, isSmall);
  return { ...page, takenFrom: position.takenFrom };
}

async function inspectListed(
  listed: Listed,
  isBatch: boolean,
  position: DrainPosition,
  settings: ListSettings,
  deps: Dependencies,
  isSmall: (object: KnownObject) => boolean,
): Promise<{ found: Found[]; dropped: Page['dropped']; cursor: string | null }> {
  const small = new Map([...listed.known].filter(([, object]) => isSmall(object)));
  const large = listed.keys.filter((key) => !small.has(key));
  const inspected = new Map<string, Inspected>();
  const results = await inspectEach(large, { ...settings, ...position }, deps);
  large.forEach((key, index) => {
    inspected.set(key, results[index] as Inspected);
  });
  const drops = [...listed.drops];
  const found: Found[] = [];
  for (const key of listed.keys) {
    const object = small.get(key);
    const result = object ? lookFromAfar(key, object) : (inspected.get(key) as Inspected);
    if (typeof result === 'string') drops.push({ reason: result, key });
    else found.push(result);
  }
  const uploads = found.flatMap(({ key }) => listed.uploadedAt.get(key)?.getTime() ?? []);
  if (uploads.length > 0) deps.noteOldest?.(new Date(Math.min(...uploads)));

  const fitting = found.slice(0, countThatFit(found, settings.pageBytes ?? maxPageBytes));
  const left = found.slice(fitting.length);
  let { cursor } = listed;
  if (left.length > 0 && isBatch) drops.push(...left.map(({ key }): Drop => ({ reason: 'page-full', key })));
  if (left.length > 0 && !isBatch) cursor = fitting.at(-1)?.key ?? null;
  const dropped = countDrops(dropsUpTo(drops, left.length > 0 ? cursor : null), deps.log);
  return { found: fitting, dropped, cursor: cursor && cursorAfter(cursor, position) };
}

const lookFromAfar = (key: string, { etag, sizeBytes }: KnownObject): SmallObject | DropReason =>
  key.endsWith('/') && sizeBytes === 0 ? 'folder' : { key, etag, sizeBytes };

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
  const known = new Map(
    (listing.Contents ?? []).flatMap(({ Key, ETag, Size }) =>
      Key && ETag && Size !== undefined ? [[Key, { etag: ETag, sizeBytes: Size }] as const] : [],
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
  return { keys, drops, cursor: listing.IsTruncated ? (all.at(-1) ?? null) : null, uploadedAt, known };
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
