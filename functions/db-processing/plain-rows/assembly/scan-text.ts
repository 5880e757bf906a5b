// JSON texts, sixteen bytes at a time.
import { byte, hexadecimal } from './line';

/** A text has bytes beyond ASCII. Of the line at hand, as is all that is noted. */
export let isBeyondAscii: bool = false;

export const sawApostrophe: i32 = 1;
export const sawBackslash: i32 = 2;
/** One that MySQL reads otherwise. */
export const sawOtherEscape: i32 = 4;
export let seen: i32 = 0;

/** Nothing was seen since. */
export function beginSeen(): void {
  seen = 0;
}

export function beginAscii(): void {
  isBeyondAscii = false;
}

/** In place of where something ends. */
export const notPlain: usize = 0;

export function blanks(at: usize): usize {
  let next = at;
  while (byte(next) == 0x20 || byte(next) == 0x09 || byte(next) == 0x0d) next += 1;
  return next;
}

/** `at`: of a backslash. Returns where the escape ends and notes what it is to MySQL; or notPlain. */
function scanEscape(at: usize): usize {
  const letter = byte(at + 1);
  seen |= sawBackslash;
  // " \ / b n r t: what JSON and MySQL read alike.
  if (letter == 0x22 || letter == 0x5c || letter == 0x2f) return at + 2;
  if (letter == 0x62 || letter == 0x6e || letter == 0x72 || letter == 0x74) return at + 2;
  seen |= sawOtherEscape;
  if (letter == 0x66) return at + 2;
  if (letter != 0x75) return notPlain;
  const unit = hexadecimal(at + 2);
  if (unit < 0) return notPlain;
  if (unit < 0xd800 || unit > 0xdfff) return at + 6;
  // Half of a pair alone is no character.
  if (unit > 0xdbff || byte(at + 6) != 0x5c || byte(at + 7) != 0x75) return notPlain;
  const second = hexadecimal(at + 8);
  return second >= 0xdc00 && second <= 0xdfff ? at + 12 : notPlain;
}

/** `at`: of the quote. Returns where the closing one stands, or notPlain; what was seen before it is in `seen`. */
export function scanText(at: usize): usize {
  if (byte(at) != 0x22) return notPlain;
  let next = at + 1;
  const quotes = i8x16.splat(0x22);
  const backslashes = i8x16.splat(0x5c);
  const apostrophes = i8x16.splat(0x27);
  const blank = i8x16.splat(0x20);
  while (true) {
    const bytes = v128.load(next);
    const special = v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes));
    // Control characters, of which a line's end is one, end a text that is none.
    const stops = i8x16.bitmask(v128.or(special, i8x16.lt_u(bytes, blank)));
    const before = stops == 0 ? 0xffff : (1 << ctz(stops)) - 1;
    if ((i8x16.bitmask(bytes) & before) != 0) isBeyondAscii = true;
    if ((i8x16.bitmask(i8x16.eq(bytes, apostrophes)) & before) != 0) seen |= sawApostrophe;
    if (stops == 0) {
      next += 16;
      continue;
    }
    next += <usize>ctz(stops);
    if (byte(next) == 0x22) return next;
    if (byte(next) != 0x5c) return notPlain;
    next = scanEscape(next);
    if (next == notPlain) return notPlain;
  }
}
