import { describe, expect, it } from '@jest/globals';
import { createBufferCollector } from '../../../functions/db-processing/collect-buffers.ts';

const mebibytes = 1024 * 1024;

function collectionsAt(offsets: number[]): number[] {
  const collectedAt: number[] = [];
  let now = 0;
  const read = createBufferCollector((() => collectedAt.push(now)) as unknown as NodeJS.GCFunction);
  for (const offset of offsets) {
    now = offset / mebibytes;
    read(offset);
  }
  return collectedAt;
}

describe('the buffers of a body', () => {
  it('are collected every four mebibytes of it, from wherever the chunk begins', () => {
    const offsets = Array.from({ length: 14 }, (_, index) => (100 + index) * mebibytes);
    expect(collectionsAt(offsets)).toEqual([104, 108, 112]);
  });

  it('are left to the engine in a small chunk, and where Node offers no collection', () => {
    expect(collectionsAt([0, mebibytes, 3 * mebibytes])).toEqual([]);
    const read = createBufferCollector(undefined);
    expect(() => [0, 10 * mebibytes].forEach(read)).not.toThrow();
  });
});
