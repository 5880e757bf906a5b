import { describe, expect, it } from '@jest/globals';
import { listBundles } from '../../../functions/preprocess/list-sources.ts';
import { maxBundleBytes, maxBundleObjects, planBundles } from '../../../functions/preprocess/plan-bundles.ts';
import type { BundlePage, SmallObject } from '../../../functions/shared/bundle-contract.ts';
import { keepLog } from '../../support/log.ts';
import { makeSource } from '../../support/sources.ts';

const concurrency = { sourceConcurrency: 2, chunkConcurrency: 4 };
const object = (key: string, sizeBytes = 100): SmallObject => ({ key, etag: `"${'e'.repeat(32)}"`, sizeBytes });
const objects = (count: number, keyBytes = 60, sizeBytes = 100) =>
  Array.from({ length: count }, (_, number) => object(String(number).padStart(keyBytes, 'k'), sizeBytes));
const sizesOf = ({ items }: Pick<BundlePage, 'items'>) =>
  items.map(({ source }) => ('objects' in source ? source.objects.length : 'large'));

/** Step Functions' limit on a payload. */
const payloadBytes = 256 * 1024;
const batch = { isBatch: true };

describe('bundles', () => {
  it('hold each object once, in order', () => {
    const all = objects(1000);
    const { items } = planBundles(all, batch, concurrency);
    expect(items.flatMap(({ source }) => ('objects' in source ? source.objects : []))).toEqual(all);
  });

  it('take a lone object too', () => {
    expect(sizesOf(planBundles(objects(1), batch, concurrency))).toEqual([1]);
  });

  it('have no more objects and bytes than an invocation takes at once', () => {
    expect(sizesOf(planBundles(objects(501), batch, concurrency))).toEqual([167, 167, 167]);
    expect(sizesOf(planBundles(objects(500), batch, concurrency))).toEqual([maxBundleObjects, maxBundleObjects]);
    const mebibyte = 1024 * 1024;
    expect(sizesOf(planBundles(objects(9, 60, mebibyte), batch, concurrency))).toEqual([maxBundleBytes / mebibyte, 1]);
  });

  it.each([60, 1_024])('fit a payload with the results of ordinary files, with keys of %i bytes', (keyBytes) => {
    const identity = {
      sourceId: '0'.repeat(32),
      originBucket: 'book-reviews-us-east-1-123456789012',
      checksum: 'crc64nvme:AAAAAAAAAAA=',
      format: 'lines',
      uploadedAt: '2026-11-27T00:00:00.000Z',
    };
    const chunk = {
      chunkIndex: 0,
      done: true,
      nextOffset: 100_000,
      ownedFrom: 0,
      ownedTo: 100_000,
      openEnd: false,
      lines: 1000,
      blank: 0,
      inserted: 1000,
      alreadyPresent: 0,
      rejected: 0,
      rejectedByReason: {},
      unknownFields: 0,
      container: 'lines',
      crc: { to: 100_000, value: '0'.repeat(16) },
      recordFormats: { '2018': 1000 },
      sameness: { sameContentAs: null, sameNameAs: null },
    };
    for (const { source } of planBundles(objects(1000, keyBytes), batch, concurrency).items) {
      if (!('objects' in source)) throw new Error('no bundle');
      const results = source.objects.map(() => ({ ...identity, chunk }));
      const state = {
        source,
        chunkIndexes: [0],
        startedAt: identity.uploadedAt,
        chunkResults: [{ done: true, results }],
      };
      expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(payloadBytes - 10_000);
    }
  });

  it('take turns in a batch, since batches come many at once', () => {
    expect(planBundles(objects(400), batch, concurrency)).toMatchObject({ items: [{}, {}], concurrency: 1 });
    // Not where each of them takes long.
    const longer = planBundles(objects(40, 60, 1024 ** 2), batch, concurrency);
    expect(longer).toMatchObject({ items: [{}, {}, {}, {}, {}], concurrency: 8 });
  });

  it('use all invocations in a drain, and leave them to other executions in a batch', () => {
    expect(sizesOf(planBundles(objects(1000), { isBatch: false }, concurrency))).toEqual(Array(8).fill(125));
    expect(sizesOf(planBundles(objects(1000), batch, concurrency))).toEqual([250, 250, 250, 250]);
  });

  it.each([
    [60, 1_000],
    [500, 400],
    [1_024, 200],
  ])('leave room for the objects that go alone next to a page of keys of %i bytes', async (keyBytes, count) => {
    const prefix = 'book-review/reviews/';
    const named = objects(count, keyBytes - prefix.length).map(({ key, etag, sizeBytes }) => ({
      key: prefix + key,
      etag,
      size: sizeBytes,
    }));
    const settings = { bucket: 'b', chunkBytes: 1e6, smallBytes: 1024 ** 2, pageKeys: 1_000, ...concurrency };
    const page = await listBundles(named, settings, { s3: null as never, log: keepLog() });
    const alone = page.items.map(({ source }) => 'x'.repeat('objects' in source ? (source.aloneBytes ?? 0) : 0));
    expect(alone.join('').length).toBeGreaterThan(20_000);
    const state = { preprocess: { page, itemCount: 1_000 }, everySourceCompleted: true, pages: 1, page: { alone } };
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(payloadBytes - 5_000);
  });

  it.each([
    ['bundles of a drain', 8, [], 8],
    ['a large source of many chunks', 9, [40], 5],
    ['two of them', 9, [40, 40], 2],
    ['three of them', 0, [40, 40, 40], 2],
    ['large sources of one chunk each', 0, [1, 1, 1, 1, 1, 1, 1, 1, 1], 8],
    ['some of one chunk and one of many', 1, [1, 1, 40, 2], 4],
  ])('ask for no more invocations at once than an execution may have, with %s', (_, bundles, chunkCounts, atOnce) => {
    const large = chunkCounts.map((chunkCount) => makeSource({ chunkCount }));
    const small = objects(bundles * maxBundleObjects);
    const page = planBundles([...small, ...large], { isBatch: large.length > 0 }, concurrency);
    expect(page.concurrency).toBe(atOnce);
    expect(page.items).toHaveLength(bundles + chunkCounts.length);
    const needs = page.items.map(({ source }) => Math.min(4, source.chunkCount)).sort((one, other) => other - one);
    expect(needs.slice(0, atOnce).reduce((sum, need) => sum + need, 0)).toBeLessThanOrEqual(8);
  });
});

describe('a drain of a million keys', () => {
  it.each([
    ['of usual length', 60, 1_000],
    ['of 1,024 bytes', 1_024, 1_000],
  ])(
    '%s plans each key once, without a request for a key, within the limits',
    async (_, keyBytes, pageKeys) => {
      const keys = keyBytes > 100 ? 20_000 : 1_000_000;
      const prefix = 'book-review/reviews/us-east-1/';
      const keyOf = (number: number) => prefix + String(number).padStart(keyBytes - prefix.length, '0');
      let requests = 0;
      const s3 = {
        send: async ({ input }: { input: { StartAfter?: string; MaxKeys: number } }) => {
          requests += 1;
          const from = input.StartAfter === undefined ? 0 : Number(input.StartAfter.slice(prefix.length)) + 1;
          const to = Math.min(keys, from + input.MaxKeys);
          const Contents = Array.from({ length: to - from }, (_, index) => ({
            Key: keyOf(from + index),
            ETag: `"${'e'.repeat(32)}"`,
            Size: 300,
          }));
          return { Contents, IsTruncated: to < keys };
        },
      };
      const settings = { bucket: 'b', chunkBytes: 1e6, smallBytes: 1024 ** 2, pageKeys, ...concurrency };
      let next = 0;
      let pages = 0;
      let cursor: string | undefined;
      do {
        const input = cursor === undefined ? {} : { cursor };
        const page = await listBundles(input, settings, { s3: s3 as never, log: keepLog() });
        pages += 1;
        expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(payloadBytes);
        expect(page.items.length).toBeLessThanOrEqual(1_000);
        const planned = page.items.flatMap(({ source }) => ('objects' in source ? source.objects : []));
        for (const { key } of planned) {
          if (key !== keyOf(next)) throw new Error(`${key} in place of ${keyOf(next)}`);
          next += 1;
        }
        cursor = page.cursor ?? undefined;
      } while (cursor !== undefined);
      expect(next).toBe(keys);
      expect(requests).toBe(pages);
    },
    120_000,
  );
});
