import { describe, expect, it } from '@jest/globals';
import { createDelayLine } from '../../../local/database/delay-line.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the delay line', () => {
  it('hands over at once where there is nothing to wait for', () => {
    const seen: number[] = [];
    createDelayLine<number>(
      () => 0,
      (item) => void seen.push(item),
    ).push(1);
    expect(seen).toEqual([1]);
  });

  it('holds for as long as it was asked, and keeps the order when the delay shrinks', async () => {
    const seen: [item: number, at: number][] = [];
    let delayMs = 40;
    const line = createDelayLine<number>(
      () => delayMs,
      (item) => void seen.push([item, performance.now()]),
    );
    const start = performance.now();
    line.push(1);
    delayMs = 0;
    line.push(2);
    await pause(80);
    expect(seen.map(([item]) => item)).toEqual([1, 2]);
    for (const [, at] of seen) expect(at - start).toBeGreaterThanOrEqual(38);
  });

  it('drops what it holds when it is cleared', async () => {
    const seen: number[] = [];
    const line = createDelayLine<number>(
      () => 10,
      (item) => void seen.push(item),
    );
    line.push(1);
    line.clear();
    await pause(30);
    expect(seen).toEqual([]);
  });
});
