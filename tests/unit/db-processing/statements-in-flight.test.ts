import { describe, expect, it } from '@jest/globals';
import { createStatementsInFlight } from '../../../functions/db-processing/statements-in-flight.ts';
import type { RegionRole } from '../../../functions/shared/mysql.ts';

const afterwards = (
  most: number,
  { madeMs, answeredMs, role = 'secondary' }: { madeMs: number[]; answeredMs: number[]; role?: RegionRole },
) => {
  const inFlight = createStatementsInFlight(most, 500);
  for (const ms of madeMs) inFlight.made(ms);
  for (const ms of answeredMs) inFlight.answered(ms, role);
  return inFlight.limit();
};

describe('statements in flight', () => {
  it('are two as long as no statement was answered', () => {
    expect(afterwards(8, { madeMs: [4], answeredMs: [] })).toBe(2);
    expect(afterwards(1, { madeMs: [4], answeredMs: [] })).toBe(1);
  });

  it('are as many as batches can be made while the quickest one is on its way', () => {
    expect(afterwards(64, { madeMs: [4, 4], answeredMs: [12, 30] })).toBe(4);
    expect(afterwards(64, { madeMs: [4, 4], answeredMs: [92, 300] })).toBe(24);
  });

  it('are no more than two in a primary, where a statement does not travel', () => {
    expect(afterwards(8, { madeMs: [4], answeredMs: [92], role: 'primary' })).toBe(2);
  });

  it('are never more than there may be sessions', () => {
    expect(afterwards(8, { madeMs: [4], answeredMs: [92] })).toBe(8);
    expect(afterwards(1, { madeMs: [4], answeredMs: [92] })).toBe(1);
  });

  it('are two where batches take longer to make than to insert', () => {
    expect(afterwards(8, { madeMs: [50, 50], answeredMs: [5] })).toBe(2);
  });
});

describe('the rows of a statement', () => {
  const rowsAfter = (role: RegionRole | null, most: number) => {
    const inFlight = createStatementsInFlight(3, most);
    if (role !== null) inFlight.answered(10, role);
    return inFlight.batchRows();
  };

  it('are as many as there may be where a statement travels, and fewer in a primary', () => {
    expect(rowsAfter('secondary', 500)).toBe(500);
    expect(rowsAfter('primary', 500)).toBe(250);
    expect(rowsAfter(null, 500)).toBe(250);
  });

  it('are never more than there may be', () => {
    expect(rowsAfter('primary', 100)).toBe(100);
  });
});
