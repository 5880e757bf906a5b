import { describe, expect, it } from '@jest/globals';
import { createStatementsInFlight } from '../../../functions/db-processing/statements-in-flight.ts';

/** A server that works on one statement at a time, a round trip away; the invocation always has a batch ready. */
function limitAfter(
  answers: number,
  { most = 8, rttMs, workMs }: { most?: number; rttMs: number; workMs: number },
): number {
  const inFlight = createStatementsInFlight(most);
  let now = 0;
  let freeAt = 0;
  const underway: { sentAt: number; answeredAt: number }[] = [];
  for (let answered = 0; answered < answers; answered += 1) {
    while (underway.length < inFlight.limit()) {
      freeAt = Math.max(freeAt, now + rttMs / 2) + workMs;
      underway.push({ sentAt: now, answeredAt: freeAt + rttMs / 2 });
    }
    const next = underway.shift() as { sentAt: number; answeredAt: number };
    now = next.answeredAt;
    inFlight.answered(now - next.sentAt);
  }
  return inFlight.limit();
}

describe('statements in flight', () => {
  it('are two as long as no statement was answered, where there may be two', () => {
    expect(createStatementsInFlight(8).limit()).toBe(2);
    expect(createStatementsInFlight(1).limit()).toBe(1);
  });

  it('are one or two where the server has no rest and is near', () => {
    for (const answers of [20, 50, 200]) expect(limitAfter(answers, { rttMs: 0.5, workMs: 5 })).toBeLessThanOrEqual(2);
  });

  it('are one in a primary, answered or not, and as before where the role changes', () => {
    const inFlight = createStatementsInFlight(8);
    inFlight.reached('primary');
    expect(inFlight.limit()).toBe(1);
    inFlight.answered(10);
    expect(inFlight.limit()).toBe(1);
    inFlight.reached('secondary');
    expect(inFlight.limit()).toBeGreaterThan(1);
  });

  it('are as many as travel, and about one that waits', () => {
    const atWork = (40 + 10) / 10;
    expect(limitAfter(200, { most: 48, rttMs: 40, workMs: 10 })).toBeGreaterThanOrEqual(atWork);
    expect(limitAfter(200, { most: 48, rttMs: 40, workMs: 10 })).toBeLessThanOrEqual(atWork + 2);
  });

  it('are soon as many as there may be across an ocean', () => {
    expect(limitAfter(8, { most: 6, rttMs: 80, workMs: 1 })).toBe(6);
  });

  it('are never more than there may be, and never none', () => {
    expect(limitAfter(100, { most: 1, rttMs: 80, workMs: 1 })).toBe(1);
    const slower = createStatementsInFlight(8);
    for (let answer = 0; answer < 100; answer += 1) slower.answered(1 + answer * 100);
    expect(slower.limit()).toBe(1);
  });
});
