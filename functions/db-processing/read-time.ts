// Times as numbers and as dates in text, in seconds of Unix time.

/** Numbers below this are seconds, up to the year 5138. */
const endOfSeconds = 100_000_000_000;
const thousand = 1000;
const million = 1_000_000;

/** Whole seconds, rounded down. Null if the number is beyond microseconds of that year, or has a fraction of a second. */
export function secondsOf(value: number): number | null {
  const size = Math.abs(value);
  if (size < endOfSeconds) return Number.isInteger(value) ? value : null;
  if (size < endOfSeconds * thousand) return Math.floor(value / thousand);
  return size < endOfSeconds * million ? Math.floor(value / million) : null;
}

/** `2015-09-04`, `2015-09-04T07:44:10.5Z`, `2013-02-15 00:00:00+00`, `2013-02-15 00:00:00 UTC`. Without a zone: UTC. */
const iso =
  /^([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?: ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?)?$/i;
/** `Sun Jul 30 07:44:10 -0700 2017`. */
const goodreads = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) ([+-]\d\d\d\d) (\d{4})$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Moment {
  year: number;
  /** From 1 on. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Such as `-0700`, `+00` or `Z`. */
  zone: string;
}

/** The seconds of a date and time that exists. Null for any other text. */
export function secondsOfDate(text: string): number | null {
  const trimmed = text.trim();
  const inIso = iso.exec(trimmed);
  if (inIso) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', zone = 'Z'] = inIso;
    const numbers = { year: Number(year), month: Number(month), day: Number(day) };
    return secondsOfMoment({ ...numbers, hour: Number(hour), minute: Number(minute), second: Number(second), zone });
  }
  const inGoodreads = goodreads.exec(trimmed);
  if (!inGoodreads) return null;
  const [, name = '', day, hour, minute, second, zone = '', year] = inGoodreads;
  const date = { year: Number(year), month: months.indexOf(name) + 1, day: Number(day) };
  return secondsOfMoment({ ...date, hour: Number(hour), minute: Number(minute), second: Number(second), zone });
}

function secondsOfMoment({ year, month, day, hour, minute, second, zone }: Moment): number | null {
  if (hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // Date.UTC takes the 30th of February for a day in March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const [, sign, zoneHours = '0', zoneMinutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const zoneSeconds = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60;
  const seconds = date.getTime() / thousand + hour * 3600 + minute * 60 + second - zoneSeconds;
  return Number.isFinite(seconds) && Math.abs(seconds) < endOfSeconds ? seconds : null;
}
