import type { LifecycleRule } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { keptUntil, replacements } from '../../../operations/erase/lifecycle.ts';

const day = (date: number) => new Date(Date.UTC(2026, 10, date));
const key = 'book-review/rejected/a.json.1/0.jsonl';
/** As in template.yaml. */
const rules: LifecycleRule[] = [
  { Status: 'Enabled', Prefix: 'book-review/rejected/', Expiration: { Days: 5 } },
  {
    Status: 'Enabled',
    NoncurrentVersionExpiration: { NoncurrentDays: 2 },
    Expiration: { ExpiredObjectDeleteMarker: true },
  },
];

describe('the lifecycle rules', () => {
  it('keep an older version some days after its replacement', () => {
    expect(keptUntil({ key: 'book-review/completed/a', storedAt: day(1), replacedAt: day(9) }, rules)).toEqual(day(11));
  });

  it('keep an object that expires for its days, and then for those of an older version', () => {
    expect(keptUntil({ key, storedAt: day(1), replacedAt: null }, rules)).toEqual(day(8));
  });

  it('keep an object of another prefix, or of a bucket without rules, without end', () => {
    expect(keptUntil({ key: 'book-review/completed/a', storedAt: day(1), replacedAt: null }, rules)).toBeNull();
    expect(keptUntil({ key, storedAt: day(1), replacedAt: null }, [])).toBeNull();
    expect(keptUntil({ key, storedAt: day(1), replacedAt: day(2) }, [])).toBeNull();
  });

  it('end no object by a rule for tags, a rule that is off or a rule that keeps some versions', () => {
    const other: LifecycleRule[] = [
      { Status: 'Disabled', Filter: { Prefix: '' }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
      {
        Status: 'Enabled',
        Filter: { Tag: { Key: 'a', Value: 'b' } },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
      { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 3 } },
    ];
    expect(keptUntil({ key, storedAt: day(1), replacedAt: day(2) }, other)).toBeNull();
    const shortest: LifecycleRule[] = [
      ...rules,
      { Status: 'Enabled', Filter: { Prefix: 'book-review/' }, Expiration: { Days: 3 } },
    ];
    expect(keptUntil({ key, storedAt: day(1), replacedAt: null }, shortest)).toEqual(day(6));
  });
});

describe('the versions of an object', () => {
  it('are replaced by the next one, or by a delete marker', () => {
    const entries = [
      { Key: key, VersionId: 'v2', LastModified: day(3), Size: 2 },
      { Key: key, VersionId: 'v1', LastModified: day(1), Size: 1 },
      { Key: key, VersionId: 'm1', LastModified: day(7), IsLatest: true, isMarker: true },
    ];
    expect(replacements(entries)).toEqual([
      { key, versionId: 'v2', sizeBytes: 2, storedAt: day(3), replacedAt: day(7) },
      { key, versionId: 'v1', sizeBytes: 1, storedAt: day(1), replacedAt: day(3) },
    ]);
  });

  it('are current where nothing came after, also within one second', () => {
    const entries = [
      { Key: key, VersionId: 'v1', LastModified: day(1), Size: 1 },
      { Key: key, VersionId: 'v2', LastModified: day(1), Size: 2, IsLatest: true },
    ];
    expect(replacements(entries).map(({ versionId, replacedAt }) => [versionId, replacedAt])).toEqual([
      ['v2', null],
      ['v1', day(1)],
    ]);
  });
});
