import { describe, expect, it } from '@jest/globals';
import { addDays, dayOf, daysUntil } from '../../../functions/daily-summary/days.ts';
import { parseInput, summaryRequest } from '../../../functions/shared/contract.ts';

describe('a day', () => {
  it('is one of UTC, in any time zone of the machine', () => {
    expect(dayOf(new Date('2026-11-20T23:59:59.999Z'))).toBe('2026-11-20');
    expect(dayOf(new Date('2026-11-21T00:00:00.000+01:00'))).toBe('2026-11-20');
  });

  it('is followed by the next over the ends of months, years and leap days', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });

  it('is the last of its history', () => {
    expect(daysUntil('2026-03-02', 4)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
  });
});

describe('a request for a summary', () => {
  it.each([[{}], [{ date: '2026-11-20' }], [{ date: '2028-02-29' }]])('may be %j', (payload) => {
    expect(parseInput(summaryRequest, payload)).toEqual(payload);
  });

  it.each([
    [{ date: '2026-02-30' }],
    [{ date: '2026-11-20T00:00:00Z' }],
    [{ date: "2026-11-20' OR '1'='1" }],
    [{ date: '1999-12-31' }],
    [{ date: '2038-01-19' }],
    [{ date: 20261120 }],
    [{ day: '2026-11-20' }],
    [null],
    [[]],
  ])('is refused for good when it is %j', (payload) => {
    expect(() => parseInput(summaryRequest, payload)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
  });
});
