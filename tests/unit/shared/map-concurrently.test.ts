import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { mapConcurrently } from '../../../functions/shared/map-concurrently.ts';

describe('mapping concurrently', () => {
  it('keeps the order and the limit', async () => {
    let underWay = 0;
    let most = 0;
    const squares = await mapConcurrently([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, ++underWay);
      for (let turn = item; turn < 6; turn++) await setImmediate();
      underWay--;
      return item * item;
    });
    expect(squares).toEqual([1, 4, 9, 16, 25]);
    expect(most).toBe(2);
  });

  it('maps nothing to nothing', async () => {
    expect(await mapConcurrently([], 4, async () => 1)).toEqual([]);
  });

  it('rejects with the first failure, begins nothing more, and leaves nothing running behind', async () => {
    const begun: number[] = [];
    let ended = 0;
    const mapping = mapConcurrently([0, 1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      await setImmediate();
      ended++;
      if (item === 0) throw new Error('the first');
      await setImmediate();
    });
    await expect(mapping).rejects.toThrow('the first');
    expect(begun).toEqual([0, 1]);
    expect(ended).toBe(2);
  });
});
