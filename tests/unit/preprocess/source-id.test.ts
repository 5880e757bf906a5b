import { describe, expect, it } from '@jest/globals';
import { formerChecksum, sourceIdOf } from '../../../functions/shared/source-id.ts';

const md5 = '"9e107d9d372bb6826bd81d3542a419d6"';
const identity = {
  originBucket: 'bucket',
  key: 'book-review/reviews/a.json',
  sizeBytes: 3,
  checksum: 'crc64nvme:AAAAAAAAAAA=',
};

describe('the identity of a source', () => {
  it('is 32 hex digits and the same for the same object', () => {
    expect(sourceIdOf(identity)).toMatch(/^[0-9a-f]{32}$/);
    expect(sourceIdOf({ ...identity })).toBe(sourceIdOf(identity));
  });

  it('does not change between versions of this service: rows in the database carry it', () => {
    expect(sourceIdOf(identity)).toBe('cdbc68cf954c452ff7b244680dd2ece6');
  });

  it.each([
    ['origin bucket', { originBucket: 'other' }],
    ['key', { key: 'book-review/reviews/b.json' }],
    ['size', { sizeBytes: 4 }],
    ['checksum', { checksum: 'crc64nvme:AAAAAAAAAAE=' }],
  ])('differs with another %s', (_, other) => {
    expect(sourceIdOf({ ...identity, ...other })).not.toBe(sourceIdOf(identity));
  });

  it('keeps its fields apart', () => {
    const one = sourceIdOf({ ...identity, originBucket: 'a', key: 'b","c' });
    const other = sourceIdOf({ ...identity, originBucket: 'a","b', key: 'c' });
    expect(one).not.toBe(other);
  });
});

describe('the checksum that sources were known by before', () => {
  it('is the CRC64NVME that S3 keeps of the whole object', () => {
    expect(formerChecksum({ ChecksumCRC64NVME: 'abc=', ChecksumType: 'FULL_OBJECT', ETag: md5 })).toBe(
      'crc64nvme:abc=',
    );
  });

  it('is the ETag where that is the MD5 of the content and only 32 bits of checksum are there', () => {
    expect(formerChecksum({ ChecksumCRC32: 'abc=', ChecksumType: 'FULL_OBJECT', ETag: md5 })).toBe(`etag:${md5}`);
    expect(formerChecksum({ ETag: md5, ServerSideEncryption: 'AES256' })).toBe(`etag:${md5}`);
  });

  it('is no ETag that differs between uploads of the same content: under a KMS key, or of an upload in parts', () => {
    const crc32 = { ChecksumCRC32: 'abc=', ChecksumType: 'FULL_OBJECT' } as const;
    expect(formerChecksum({ ...crc32, ETag: md5, ServerSideEncryption: 'aws:kms' })).toBe('crc32:abc=');
    expect(formerChecksum({ ...crc32, ETag: '"9e107d9d372bb6826bd81d3542a419d6-2"' })).toBe('crc32:abc=');
  });

  it('is no checksum of checksums, which depends on how the upload was cut', () => {
    const composite = { ChecksumSHA256: 'abc=-2', ChecksumType: 'COMPOSITE', ETag: '"x-2"' } as const;
    expect(formerChecksum(composite)).toBe('etag:"x-2"');
    expect(formerChecksum({ ChecksumCRC32: 'abc=-2', ETag: '"x-2"' })).toBe('etag:"x-2"');
  });
});
