import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countThatFit, maxPageBytes } from '../../../functions/preprocess/fit-page.ts';
import { makeSource } from '../../support/sources.ts';

const prefix = 'book-review/reviews/';
const reasons = [
  'folder',
  'hidden',
  'outside-prefix',
  'replica',
  'gone',
  'other-bucket',
  'unreadable-event',
  'too-fresh',
  'not-readable-yet',
  'page-full',
];

describe('fitting sources into a page', () => {
  it('lets the usual page of 200 sources through', () => {
    const sources = Array.from({ length: 200 }, (_, index) =>
      makeSource({ key: `${prefix}2026/11/21/reviews-${index}.json` }),
    );
    expect(countThatFit(sources)).toBe(200);
  });

  it('never exceeds the bound with its cursor and its drop counts, for any keys', () => {
    const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 250 }).map((name) => prefix + name);
    fc.assert(
      fc.property(fc.array(key, { minLength: 1000, maxLength: 1000 }), (keys) => {
        const sources = keys.map((each) => makeSource({ key: each }));
        const fitting = sources.slice(0, countThatFit(sources));
        const dropped = Object.fromEntries(reasons.map((reason) => [reason, 1000]));
        const page = JSON.stringify({ sources: fitting, dropped, cursor: `aged 86400 ${'\u0001'.repeat(1024)}` });
        expect(Buffer.byteLength(page)).toBeLessThanOrEqual(maxPageBytes);
      }),
      { numRuns: 10 },
    );
  });

  it('takes one source even where none fits, so that a drain always goes on', () => {
    expect(countThatFit([makeSource(), makeSource()], 10)).toBe(1);
    expect(countThatFit([], 10)).toBe(0);
  });

  it('lets no outcome be larger than its source, so that a page of outcomes fits as well', () => {
    const outcome = { sourceId: makeSource().sourceId, outcome: 'completed', reason: 'x'.repeat(80) };
    expect(JSON.stringify(outcome).length).toBeLessThan(JSON.stringify(makeSource({ key: `${prefix}a` })).length);
  });
});
