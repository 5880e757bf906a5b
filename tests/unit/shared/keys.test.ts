import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  completedKey,
  completedKeyById,
  failedKey,
  failedKeyById,
  pendingPrefix,
  rejectedKey,
  reportKey,
  reportKeyPrefix,
} from '../../../functions/shared/keys.ts';

const sourceId = '0123456789abcdef0123456789abcdef';
const keysOf = (key: string, id = sourceId) => {
  const source = { key, sourceId: id };
  const builders = [completedKey, completedKeyById, failedKey, failedKeyById, reportKey];
  return [...builders.map((build) => build(source)), rejectedKey(source, 2 ** 52), completedKeyById(source, 2)];
};

describe('the keys of a source', () => {
  it('keep its name below the pending prefix', () => {
    expect(keysOf(`${pendingPrefix}2026/a b.json`)).toEqual([
      'book-review/completed/2026/a b.json',
      `book-review/completed/2026/a b.json.${sourceId}`,
      'book-review/failed/2026/a b.json',
      `book-review/failed/2026/a b.json.${sourceId}`,
      `book-review/reports/2026/a b.json.${sourceId}.json`,
      `book-review/rejected/2026/a b.json.${sourceId}/4503599627370496.jsonl`,
      `book-review/completed/2026/a b.json.${sourceId}.2`,
    ]);
  });

  it('fit into S3 however long the name is, and stay apart for two sources', () => {
    const longName = fc.string({ unit: 'grapheme', minLength: 300, maxLength: 1000 });
    fc.assert(
      fc.property(longName, (name) => {
        const key = pendingPrefix + cutToBytes(name, 1024 - pendingPrefix.length);
        const keys = keysOf(key);
        for (const each of keys) expect(Buffer.byteLength(each)).toBeLessThanOrEqual(1024);
        const others = keysOf(key, 'f'.repeat(32));
        for (const own of [1, 3, 4, 5, 6]) expect(others[own]).not.toBe(keys[own]);
      }),
    );
  });
});

describe('the keys of reports on one upload', () => {
  it('all begin with the same text, which nothing else does, however long the name is', () => {
    for (const length of [1, 960, 987, 1000]) {
      const key = pendingPrefix + 'x'.repeat(length);
      for (const id of [sourceId, 'f'.repeat(32)]) {
        expect(reportKey({ key, sourceId: id }).startsWith(reportKeyPrefix(key))).toBe(true);
      }
      expect(reportKeyPrefix(key).length).toBeGreaterThan(Math.min(key.length, 900));
    }
  });
});

function cutToBytes(text: string, bytes: number): string {
  let cut = '';
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > bytes) break;
    cut += character;
  }
  return cut;
}
