import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountFor } from '../../../functions/postprocess/account.ts';
import type { ChunkProgress } from '../../../functions/shared/contract.ts';
import { makeChunkResult, makeSource } from '../../support/sources.ts';

const twoChunks = makeSource({ sizeBytes: 150, chunkBytes: 100, chunkCount: 2 });
/** The last line of the first chunk ends at byte 120, in the second. */
const first = makeChunkResult({ chunkIndex: 0, ownedFrom: 0, ownedTo: 120, lines: 12 });
const second = makeChunkResult({ chunkIndex: 1, ownedFrom: 120, ownedTo: 150, lines: 3 });
const nothing = { ownedFrom: null, ownedTo: null, lines: 0, inserted: 0 } as const;

const violationsOf = (source: typeof twoChunks, results: ChunkProgress[]) => {
  const account = accountFor(source, results);
  return 'violations' in account ? account.violations : [];
};

describe('accounting for a source', () => {
  it('adds up what the chunks counted, in any order', () => {
    const counted = makeChunkResult({
      ...second,
      lines: 5,
      inserted: 1,
      alreadyPresent: 1,
      rejected: 2,
      blank: 1,
      rejectedByReason: { 'malformed-json': 1, 'too-long': 1 },
      unknownFields: 4,
      misfits: { vote: 1, style: 2 },
      recordFormats: { public: 3 },
    });
    const other = makeChunkResult({
      ...first,
      inserted: 11,
      rejected: 1,
      rejectedByReason: { 'too-long': 1 },
      misfits: { vote: 3 },
    });
    expect(accountFor(twoChunks, [counted, other])).toEqual({
      totals: {
        lines: 17,
        inserted: 12,
        alreadyPresent: 1,
        rejected: 3,
        blank: 1,
        rejectedByReason: { 'malformed-json': 1, 'too-long': 2 },
        unknownFields: 4,
        misfits: { vote: 4, style: 2 },
        recordFormats: { public: 3 },
      },
    });
  });

  it('takes an empty source, which has one chunk and no line', () => {
    const empty = makeSource({ sizeBytes: 0 });
    expect(accountFor(empty, [makeChunkResult(nothing)])).toMatchObject({ totals: { lines: 0 } });
  });

  it('takes a chunk that lies within one long line and owns none', () => {
    const three = makeSource({ sizeBytes: 300, chunkBytes: 100, chunkCount: 3 });
    const results = [
      makeChunkResult({ chunkIndex: 0, ownedFrom: 0, ownedTo: 250 }),
      makeChunkResult({ chunkIndex: 1, ...nothing }),
      makeChunkResult({ chunkIndex: 2, ownedFrom: 250, ownedTo: 300 }),
    ];
    expect(violationsOf(three, results)).toEqual([]);
  });

  it('takes a line that was rejected before its end was seen, in the middle and at the end', () => {
    const open = { ...first, ownedTo: 105, openEnd: true };
    expect(violationsOf(twoChunks, [open, second])).toEqual([]);
    expect(violationsOf(twoChunks, [first, { ...second, ownedTo: 130, openEnd: true }])).toEqual([]);
    expect(violationsOf(twoChunks, [open, { ...second, ownedFrom: 104 }])).not.toEqual([]);
    expect(violationsOf(twoChunks, [first, { ...second, ownedTo: 151, openEnd: true }])).not.toEqual([]);
  });

  it('asks no byte ranges of gzip and arrays, whose offsets are not those of the object', () => {
    const gzip = makeSource({ format: 'gzip', sizeBytes: 100 });
    expect(violationsOf(gzip, [makeChunkResult({ ownedTo: 4_000 })])).toEqual([]);
    expect(violationsOf(gzip, [makeChunkResult({ ownedTo: 4_000, blank: 1 })])).not.toEqual([]);
  });

  it('refuses gzip and arrays of which the beginning was not read, and arrays with a missing element', () => {
    const gzip = makeSource({ format: 'gzip' });
    const array = makeSource({ format: 'array' });
    expect(violationsOf(gzip, [makeChunkResult({ ownedFrom: 7 })])).not.toEqual([]);
    expect(violationsOf(array, [makeChunkResult({ ownedTo: 10 })])).toEqual([]);
    expect(violationsOf(array, [makeChunkResult({ ownedFrom: 1, ownedTo: 10 })])).not.toEqual([]);
    expect(violationsOf(array, [makeChunkResult({ ownedTo: 11 })])).not.toEqual([]);
    expect(violationsOf(array, [makeChunkResult(nothing)])).toEqual([]);
  });

  it.each<[string, ChunkProgress[]]>([
    ['no result at all', []],
    ['a chunk without a result', [first]],
    ['a chunk with two results', [first, first, second]],
    ['a chunk that was never planned', [first, second, makeChunkResult({ chunkIndex: 2, ...nothing })]],
    ['a chunk that is not done', [first, { ...second, done: false }]],
    ['a line that is neither inserted, present, rejected nor blank', [first, { ...second, lines: 4 }]],
    ['a line that is counted twice', [first, { ...second, blank: 1 }]],
    ['a rejection without a reason', [first, { ...second, inserted: 2, rejected: 1 }]],
    ['a gap before the first line', [{ ...first, ownedFrom: 1 }, second]],
    ['a gap between two chunks', [{ ...first, ownedTo: 119 }, second]],
    ['a line that two chunks own', [{ ...first, ownedTo: 121 }, second]],
    ['lines that end before the source does', [first, { ...second, ownedTo: 149 }]],
    ['lines that end behind the source', [first, { ...second, ownedTo: 151 }]],
    ['a last chunk that owns nothing, where bytes are left', [first, { ...second, ...nothing }]],
    ['lines without a range', [first, { ...second, ownedFrom: null, ownedTo: null }]],
    ['a range without a line', [first, { ...second, lines: 0, inserted: 0 }]],
    ['half a range', [first, { ...second, ...nothing, ownedFrom: 120 }]],
    [
      'a first line outside of its chunk',
      [
        { ...first, ownedTo: 90 },
        { ...second, ownedFrom: 90 },
      ],
    ],
  ])('refuses %s', (_, results) => {
    expect(violationsOf(twoChunks, results)).not.toEqual([]);
  });

  it('takes every way in which lines can lie over chunks, and refuses each one in which a chunk missed its first line', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 90 }), fc.nat(), (lineLengths, chunkBytes, which) => {
        const sizeBytes = lineLengths.reduce((sum, length) => sum + length, 0);
        const chunkCount = Math.ceil(sizeBytes / chunkBytes);
        const source = makeSource({ sizeBytes, chunkBytes, chunkCount });
        const results = own(lineLengths, chunkBytes, chunkCount);
        expect(violationsOf(source, results)).toEqual([]);
        const owning = results.filter(({ ownedFrom }) => ownedFrom !== null);
        const { ownedFrom } = owning[which % owning.length] as ChunkProgress;
        expect(violationsOf(source, own(lineLengths, chunkBytes, chunkCount, ownedFrom))).not.toEqual([]);
      }),
    );
  });
});

/** Chunk results over lines of these lengths, each owned by the chunk in which it begins; the one at `lostAt` may be lost. */
function own(
  lineLengths: number[],
  chunkBytes: number,
  chunkCount: number,
  lostAt: number | null = null,
): ChunkProgress[] {
  const results = Array.from({ length: chunkCount }, (_, chunkIndex) => makeChunkResult({ chunkIndex, ...nothing }));
  let start = 0;
  for (const length of lineLengths) {
    const result = results[Math.floor(start / chunkBytes)] as ChunkProgress;
    if (start !== lostAt) {
      result.ownedFrom ??= start;
      result.ownedTo = start + length;
      result.lines++;
      result.inserted++;
    }
    start += length;
  }
  return results;
}
