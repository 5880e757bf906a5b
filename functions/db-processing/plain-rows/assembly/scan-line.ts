// Decides whether a line is plain, and records where its columns are.
import {
  backslash,
  beyondAscii,
  closeBrace,
  colon,
  commaMark,
  newline,
  openBrace,
  quoteMark,
  space,
} from './characters';
import { asin, dateColumn, reviewerId, secondsColumn } from './columns';
import { bitOf, columnsOf, fieldOf, longestName, noField, startOf } from './fields';
import { beginLine, beginOf, byte, endOf, filledColumns } from './line';
import { beginAscii, blanks, notPlain } from './scan-text';
import { scanValue } from './scan-value';

export { isBeyondAscii, notPlain } from './scan-text';

/** No field of a line of this length is too long for a TEXT or JSON column. */
const maxPlainBytes: usize = 65_535;

/** Whether a required column is filled with a text that does not begin with a blank. parseReview reads texts that do. */
function hasText(column: i32): bool {
  if ((filledColumns() & (1 << column)) == 0 || endOf(column) - beginOf(column) <= 2) return false;
  const first = byte(beginOf(column) + 1);
  return first > space && first < beyondAscii && first != backslash;
}

/** Where the name's closing quote is, or notPlain. */
function endOfName(at: usize): usize {
  const quotes = i8x16.splat(<i8>quoteMark);
  for (let next = at; next <= at + longestName; next += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(next), quotes));
    if (found != 0) return next + <usize>ctz(found);
  }
  return notPlain;
}

/** Returns the place of the newline after the line, or notPlain. No value crosses a newline, so the scan never passes one. */
export function scanLine(begin: usize, format: i32): usize {
  beginLine();
  beginAscii();
  let at = blanks(begin);
  let field = startOf(format);
  let fieldsSeen: i32 = 0;
  if (byte(at) != openBrace) return notPlain;
  do {
    const quote = blanks(at + 1);
    if (byte(quote) != quoteMark) return notPlain;
    const nameEnd = endOfName(quote + 1);
    if (nameEnd == notPlain) return notPlain;
    field = fieldOf(format, quote + 1, nameEnd - quote - 1, field);
    if (field == noField) return notPlain;
    // Of two fields with one name, JSON.parse takes the last. Of two fields for a column, their order in the format decides.
    if ((fieldsSeen & bitOf(field)) != 0 || (filledColumns() & columnsOf(field)) != 0) return notPlain;
    fieldsSeen |= bitOf(field);
    at = blanks(nameEnd + 1);
    if (byte(at) != colon) return notPlain;
    at = scanValue(blanks(at + 1), quote, field);
    if (at == notPlain) return notPlain;
    at = blanks(at);
  } while (byte(at) == commaMark);
  if (byte(at) != closeBrace) return notPlain;
  const end = blanks(at + 1);
  if (byte(end) != newline || end - begin > maxPlainBytes) return notPlain;
  // If no field has the time as a number, the date may give it, and parseReview reads it.
  const times = (filledColumns() >> dateColumn) & ~(filledColumns() >> secondsColumn) & 1;
  return times == 0 && hasText(reviewerId) && hasText(asin) ? end : notPlain;
}
