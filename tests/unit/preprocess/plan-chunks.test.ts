import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxChunks, planChunks } from '../../../functions/preprocess/plan-chunks.ts';
import { makeChunkResult, makeSource } from '../../support/sources.ts';

const settings = { chunkBytes: 100, chunkConcurrency: 4 };

describe('planning chunks', () => {
  it.each([
    [0, 1, 1],
    [1, 1, 1],
    [100, 1, 100],
    [101, 2, 51],
    [301, 4, 76],
    [400, 4, 100],
    [401, 8, 51],
    [1_000, 12, 84],
  ])(
    'gives %i bytes of lines %i chunks of one size, of at most 100 bytes, 4 at once',
    (sizeBytes, chunkCount, chunkBytes) => {
      expect(planChunks({ sizeBytes, format: 'lines' }, settings)).toEqual({ chunkBytes, chunkCount });
    },
  );

  it.each(['gzip', 'array'] as const)('never splits %s', (format) => {
    expect(planChunks({ sizeBytes: 1_000_000, format }, settings)).toEqual({ chunkBytes: 1_000_000, chunkCount: 1 });
    expect(planChunks({ sizeBytes: 0, format }, settings)).toEqual({ chunkBytes: 1, chunkCount: 1 });
  });

  it('covers every byte, has no empty chunk but that of an empty source, and no more chunks than an execution holds', () => {
    const sizes = fc.integer({ min: 0, max: 50 * 1024 ** 4 });
    const atOnce = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 2 ** 30 }), atOnce, (sizeBytes, wanted, chunkConcurrency) => {
        const chunks = { chunkBytes: wanted, chunkConcurrency };
        const { chunkBytes, chunkCount } = planChunks({ sizeBytes, format: 'lines' }, chunks);
        expect(chunkCount).toBeLessThanOrEqual(maxChunks);
        expect(chunkCount * chunkBytes).toBeGreaterThanOrEqual(sizeBytes);
        expect((chunkCount - 1) * chunkBytes).toBeLessThan(Math.max(sizeBytes, 1));
        // Below, whole bytes leave less choice.
        if (sizeBytes < maxChunks ** 2) return;
        const isMost = chunkCount + chunkConcurrency > maxChunks;
        if (!isMost) expect(chunkBytes).toBeLessThanOrEqual(wanted);
        if (chunkCount > chunkConcurrency) expect(chunkCount % chunkConcurrency).toBe(0);
        expect(chunkCount * chunkBytes - sizeBytes).toBeLessThan(chunkCount);
      }),
    );
  });

  it('keeps all chunk results of a source within the payload of a state, with every rejection reason in each', () => {
    const big = 10 ** 13;
    const reasons = Array.from({ length: 47 }, (_, index) => [`reason-${index}:unix_review_time`, 10 ** 8] as const);
    const counts = { lines: 10 ** 8, inserted: 10 ** 8, alreadyPresent: 10 ** 8, rejected: 10 ** 8, blank: 10 ** 8 };
    const result = makeChunkResult({ ownedFrom: big, ownedTo: big, nextOffset: big, ...counts });
    const full = { ...result, chunkIndex: maxChunks, rejectedByReason: Object.fromEntries(reasons) };
    const source = makeSource({ key: `book-review/reviews/${'\u0001'.repeat(1000)}` });
    const chunkIndexes = Array.from({ length: maxChunks }, (_, index) => index);
    const payload = { source, chunkIndexes, chunkResults: chunkIndexes.map(() => full) };
    expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(262_144);
  });
});
