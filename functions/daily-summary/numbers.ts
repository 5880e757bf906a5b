// Numbers and times as the page writes them.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
const longDay = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

/** 1,234,567 */
export const wholeNumber = (value: number): string => whole.format(value);
/** 1.23M; below 1,000 in full */
export const shortNumber = (value: number): string => (value < 1000 ? whole.format(value) : short.format(value));
/** 4.13, or a dash if there are no values */
export const meanText = (value: number | null): string => (value === null ? '–' : value.toFixed(2));
/** A share of 0 to 1 as percent, with enough digits to tell a small share from zero. */
export function percentText(share: number | null): string {
  if (share === null) return '–';
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return '< 0.01%';
  return `${percent === 0 ? '0' : percent.toFixed(percent < 1 ? 2 : 1)}%`;
}
/** 20 Nov */
export const shortDate = (date: string): string => day.format(new Date(date));
/** Friday 20 November 2026 */
export const longDate = (date: string): string => longDay.format(new Date(date)).replace(',', '');
const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });
/** a, b and c */
export const listed = (names: string[]): string => list.format(names);
/** 14:05:09 of an ISO time */
export const clockTime = (iso: string): string => iso.slice(11, 19);
