// Days in UTC as `YYYY-MM-DD`. They sort as text and can stand in SQL.

const dayMs = 86_400_000;

export const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);

/** @param days may be negative */
export const addDays = (date: string, days: number): string => dayOf(new Date(Date.parse(date) + days * dayMs));

/** The days up to and with `date`, oldest first. */
export const daysUntil = (date: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => addDays(date, i + 1 - count));
