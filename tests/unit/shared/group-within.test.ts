import { describe, expect, it } from '@jest/globals';
import { groupWithin } from '../../../functions/shared/group-within.ts';

const grouped = (items: number[][], limits: number[]) => groupWithin(items, limits, (sizes) => sizes);

describe('a list that is split into groups', () => {
  it('keeps its order, and fills each group up to its limit', () => {
    expect(grouped([[2], [3], [1], [4], [5]], [5])).toEqual([[[2], [3]], [[1], [4]], [[5]]]);
  });

  it('keeps every limit', () => {
    expect(
      grouped(
        [
          [1, 6],
          [1, 4],
          [1, 1],
          [1, 0],
          [1, 0],
        ],
        [3, 10],
      ),
    ).toEqual([
      [
        [1, 6],
        [1, 4],
      ],
      [
        [1, 1],
        [1, 0],
        [1, 0],
      ],
    ]);
  });

  it('has an item that is above a limit in a group alone', () => {
    expect(grouped([[1], [9], [1]], [5])).toEqual([[[1]], [[9]], [[1]]]);
    expect(grouped([], [5])).toEqual([]);
  });
});
