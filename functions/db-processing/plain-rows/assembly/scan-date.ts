// `Sun Jul 30 07:44:10 -0700 2017`, as one of the formats writes its dates.
import { capitalA, colon, digit0, letterA, minus, plus, space } from './characters';
import { byte } from './line';

export const dateBytes: usize = 30;
/** In place of seconds. Earlier and later years are for parseReview. */
export const noDate: u64 = u64.MAX_VALUE;
const firstYear: u32 = 1971;
const lastYear: u32 = 5000;
const secondsOfDay: i64 = 86_400;

/** The months' first three letters, as numbers of three bytes. */
const months: usize = memory.data<u32>([
  0x6e614a, 0x626546, 0x72614d, 0x727041, 0x79614d, 0x6e754a, 0x6c754a, 0x677541, 0x706553, 0x74634f, 0x766f4e,
  0x636544,
]);

/** Two digits as a number; 100 or more for anything else. */
function two(at: usize): u32 {
  const tens = byte(at) - digit0;
  const ones = byte(at + 1) - digit0;
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

function isCapital(at: usize): bool {
  return byte(at) - capitalA < 26;
}

function isSmall(at: usize): bool {
  return byte(at) - letterA < 26;
}

/** 1 to 12, or 0 if these letters name no month. */
function monthOf(at: usize): u32 {
  const letters = load<u32>(at) & 0xffffff;
  for (let month: u32 = 0; month < 12; month += 1) {
    if (load<u32>(months + ((<usize>month) << 2)) == letters) return month + 1;
  }
  return 0;
}

function daysOf(month: u32, year: u32): u32 {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days since 1970-01-01 (Howard Hinnant's days_from_civil, for years from 1 on). */
function dayNumber(year: u32, month: u32, day: u32): i64 {
  const shifted = month > 2 ? year : year - 1;
  const era = shifted / 400;
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return <i64>era * 146_097 + <i64>dayOfEra - 719_468;
}

/** `at`: of the first letter. Seconds of Unix time, or noDate. */
export function scanDate(at: usize): u64 {
  if (!isCapital(at) || !isSmall(at + 1) || !isSmall(at + 2)) return noDate;
  if (byte(at + 3) != space || byte(at + 7) != space || byte(at + 10) != space) return noDate;
  if (byte(at + 13) != colon || byte(at + 16) != colon || byte(at + 19) != space || byte(at + 25) != space)
    return noDate;
  const month = monthOf(at + 4);
  const day = two(at + 8);
  const hour = two(at + 11);
  const minute = two(at + 14);
  const second = two(at + 17);
  const zoneHours = two(at + 21);
  const zoneMinutes = two(at + 23);
  const century = two(at + 26);
  const yearOfCentury = two(at + 28);
  if (month == 0 || hour > 23 || minute > 59 || second > 59) return noDate;
  if (zoneHours > 99 || zoneMinutes > 99 || century > 99 || yearOfCentury > 99) return noDate;
  const year = century * 100 + yearOfCentury;
  if (year < firstYear || year > lastYear || day == 0 || day > daysOf(month, year)) return noDate;
  const sign = byte(at + 20);
  if (sign != plus && sign != minus) return noDate;
  const zone = <i64>(zoneHours * 3600 + zoneMinutes * 60);
  const local = dayNumber(year, month, day) * secondsOfDay + <i64>(hour * 3600 + minute * 60 + second);
  return <u64>(sign == minus ? local + zone : local - zone);
}
