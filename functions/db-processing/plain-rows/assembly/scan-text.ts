// JSON texts, sixteen bytes at a time.
import {
  apostrophe,
  backslash,
  carriageReturn,
  firstHighSurrogate,
  firstLowSurrogate,
  lastHighSurrogate,
  lastSurrogate,
  letterB,
  letterF,
  letterN,
  letterR,
  letterT,
  letterU,
  quoteMark,
  slash,
  space,
  tab,
} from './characters';
import { byte, hexadecimal } from './line';

/** A text of the current line has bytes beyond ASCII. */
export let isBeyondAscii: bool = false;

export const sawApostrophe: i32 = 1;
export const sawBackslash: i32 = 2;
/** An escape that MySQL reads differently. */
export const sawOtherEscape: i32 = 4;
export let seen: i32 = 0;

/** Forgets what was seen before. */
export function beginSeen(): void {
  seen = 0;
}

export function beginAscii(): void {
  isBeyondAscii = false;
}

/** Returned instead of an end. */
export const notPlain: usize = 0;

export function blanks(at: usize): usize {
  let next = at;
  while (byte(next) == space || byte(next) == tab || byte(next) == carriageReturn) next += 1;
  return next;
}

/** `at`: of a backslash. Returns where the escape ends, or notPlain. Notes what MySQL makes of it. */
function scanEscape(at: usize): usize {
  const letter = byte(at + 1);
  seen |= sawBackslash;
  // " \ / b n r t: what JSON and MySQL read alike.
  if (letter == quoteMark || letter == backslash || letter == slash) return at + 2;
  if (letter == letterB || letter == letterN || letter == letterR || letter == letterT) return at + 2;
  seen |= sawOtherEscape;
  if (letter == letterF) return at + 2;
  if (letter != letterU) return notPlain;
  const unit = hexadecimal(at + 2);
  if (unit < 0) return notPlain;
  if (unit < firstHighSurrogate || unit > lastSurrogate) return at + 6;
  // Half of a surrogate pair is no character.
  if (unit > lastHighSurrogate || byte(at + 6) != backslash || byte(at + 7) != letterU) return notPlain;
  const second = hexadecimal(at + 8);
  return second >= firstLowSurrogate && second <= lastSurrogate ? at + 12 : notPlain;
}

/** `at`: of the quote. Returns the place of the closing quote, or notPlain. `seen` says what stood before it. */
export function scanText(at: usize): usize {
  if (byte(at) != quoteMark) return notPlain;
  let next = at + 1;
  const quotes = i8x16.splat(<i8>quoteMark);
  const backslashes = i8x16.splat(<i8>backslash);
  const apostrophes = i8x16.splat(<i8>apostrophe);
  const blank = i8x16.splat(<i8>space);
  while (true) {
    const bytes = v128.load(next);
    const special = v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes));
    // A control character, newline included, means that this is not a valid string.
    const stops = i8x16.bitmask(v128.or(special, i8x16.lt_u(bytes, blank)));
    const before = stops == 0 ? 0xffff : (1 << ctz(stops)) - 1;
    if ((i8x16.bitmask(bytes) & before) != 0) isBeyondAscii = true;
    if ((i8x16.bitmask(i8x16.eq(bytes, apostrophes)) & before) != 0) seen |= sawApostrophe;
    if (stops == 0) {
      next += 16;
      continue;
    }
    next += <usize>ctz(stops);
    if (byte(next) == quoteMark) return next;
    if (byte(next) != backslash) return notPlain;
    next = scanEscape(next);
    if (next == notPlain) return notPlain;
  }
}
