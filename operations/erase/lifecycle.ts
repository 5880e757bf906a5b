// Says how long a bucket keeps an object, by its lifecycle rules.
import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { callS3 } from '../../functions/shared/s3.ts';
import { headObject, type Store } from '../objects.ts';

const dayMs = 86_400_000;

/** None if the bucket has none. */
export async function readLifecycle({ s3, bucket }: Store): Promise<LifecycleRule[]> {
  try {
    return (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }))).Rules ?? [];
  } catch (error) {
    if ((error as Error).name === 'NoSuchLifecycleConfiguration') return [];
    return callS3(`GET lifecycle of ${bucket}`, Promise.reject(error));
  }
}

/** An object or a version of it. */
export interface Kept {
  key: string;
  storedAt: Date;
  /** When a newer version took its place, or null if it is the current one. */
  replacedAt: Date | null;
}

/**
 * When S3 removes it for good: a current object of a bucket with versions expires first, and is kept as an older version
 * then. Null if no rule ends it. Rules that ask for tags or sizes are left out: they may end it sooner.
 */
export function keptUntil({ key, storedAt, replacedAt }: Kept, rules: readonly LifecycleRule[]): Date | null {
  const fitting = rules.filter(
    (rule) =>
      rule.Status === 'Enabled' && isForPrefixOnly(rule) && key.startsWith(rule.Filter?.Prefix ?? rule.Prefix ?? ''),
  );
  const least = (days: (number | undefined)[]) => {
    const known = days.filter((each) => each !== undefined);
    return known.length > 0 ? Math.min(...known) : null;
  };
  const olderDays = least(
    fitting.map(({ NoncurrentVersionExpiration: older }) =>
      older?.NewerNoncurrentVersions === undefined ? older?.NoncurrentDays : undefined,
    ),
  );
  const after = (date: Date, days: number) => new Date(date.getTime() + days * dayMs);
  if (olderDays === null) return null;
  if (replacedAt !== null) return after(replacedAt, olderDays);
  const days = least(fitting.map(({ Expiration }) => Expiration?.Days));
  return days === null ? null : after(storedAt, days + olderDays);
}

const isForPrefixOnly = ({ Filter: filter }: LifecycleRule) =>
  filter === undefined || Object.keys(filter).every((name) => name === 'Prefix');

export interface Version extends Kept {
  sizeBytes: number;
  versionId: string | null;
}

/** All versions of the object with this very key, the newest first. */
export async function versionsOf(store: Store, key: string): Promise<Version[]> {
  const versions: Entry[] = [];
  let page: Partial<ListObjectVersionsCommandOutput> = {};
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    page = await callS3(
      `LIST versions of ${key}`,
      store.s3.send(new ListObjectVersionsCommand({ Bucket: store.bucket, Prefix: key, KeyMarker, VersionIdMarker })),
    );
    versions.push(
      ...(page.Versions ?? []),
      ...(page.DeleteMarkers ?? []).map((marker) => ({ ...marker, isMarker: true })),
    );
  } while (page.IsTruncated);
  const found = replacements(versions.filter(({ Key }) => Key === key));
  if (versions.length > 0) return found;
  // A bucket without versions, such as those of the local Regions.
  const head = await headObject(store, key);
  const { LastModified: storedAt = new Date(0), ContentLength: sizeBytes = 0 } = head ?? {};
  return head ? [{ key, storedAt, replacedAt: null, sizeBytes, versionId: null }] : [];
}

interface Entry {
  Key?: string | undefined;
  VersionId?: string | undefined;
  LastModified?: Date | undefined;
  IsLatest?: boolean | undefined;
  Size?: number | undefined;
  isMarker?: boolean;
}

/** A version is replaced when the next one, or a delete marker, comes. @param entries of one key */
export function replacements(entries: readonly Entry[]): Version[] {
  const time = ({ LastModified }: Entry) => LastModified?.getTime() ?? 0;
  const newestFirst = [...entries].sort((one, other) =>
    one.IsLatest ? -1 : other.IsLatest ? 1 : time(other) - time(one),
  );
  return newestFirst.flatMap((entry, index) => {
    if (entry.isMarker) return [];
    const { Key: key = '', VersionId: versionId = null, Size: sizeBytes = 0 } = entry;
    const replacedAt = index === 0 ? null : new Date(time(newestFirst[index - 1] as Entry));
    return [{ key, versionId, sizeBytes, storedAt: new Date(time(entry)), replacedAt }];
  });
}
