// Tells a plain line, and finds its columns in it; over 200 lines, since it is one scanner, of no use in parts.
import {
  asDecodedText,
  asFalse,
  asItIs,
  asin,
  asJson,
  asJsonWithApostrophes,
  asTrue,
  beginLine,
  beginOf,
  byte,
  endOf,
  filledColumns,
  hexadecimal,
  image,
  note,
  overallRating,
  plainColumns,
  reviewerId,
  reviewerName,
  reviewText,
  reviewTime,
  style,
  summary,
  unixReviewTime,
  verified,
  vote,
  voteTotal,
} from './line';

/** No field of a line of this length is too long for a TEXT or JSON column. */
const maxPlainBytes: usize = 65_535;
/** Of VARCHAR columns, in characters. Bytes are never fewer: a text that may be too long is for parseReview to measure. */
const maxReviewerId: usize = 64;
const maxAsin: usize = 32;
const maxReviewerName: usize = 512;
const maxReviewTime: usize = 64;
/** Nine digits fit into an unsigned INT. */
const voteDigits: usize = 9;
/** Eleven digits of seconds reach the year 5138, as far as any are taken. */
const secondsDigits: usize = 11;

/** A text has bytes beyond ASCII. Of the line at hand, as is all that is noted. */
export let isBeyondAscii: bool = false;

const sawApostrophe: i32 = 1;
const sawBackslash: i32 = 2;
/** One that MySQL reads otherwise. */
const sawOtherEscape: i32 = 4;
let seen: i32 = 0;

/** In place of where something ends. */
export const notPlain: usize = 0;

function blanks(at: usize): usize {
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
function scanText(at: usize): usize {
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

function scanTextColumn(at: usize, column: i32, maxBytes: usize): usize {
  seen = 0;
  const end = scanText(at);
  if (end == notPlain || end - at - 1 > maxBytes) return notPlain;
  note(column, at, end + 1, (seen & sawOtherEscape) != 0 ? asDecodedText : asItIs);
  return end + 1;
}

/** Where a run of digits ends; notPlain where there is none, or more than `most`. */
function digits(at: usize, most: usize): usize {
  let end = at;
  while (end - at <= most && byte(end) - 0x30 < 10) end += 1;
  return end == at || end - at > most ? notPlain : end;
}

/** Digits as a JSON number has them: without a zero before them. */
function scanInteger(at: usize, column: i32, most: usize): usize {
  const end = digits(at, most);
  if (end == notPlain || (byte(at) == 0x30 && end > at + 1)) return notPlain;
  note(column, at, end, asItIs);
  return end;
}

function scanVotes(at: usize): usize {
  if (byte(at) != 0x22) return scanInteger(at, vote, voteDigits);
  const end = digits(at + 1, voteDigits);
  if (end == notPlain || byte(end) != 0x22) return notPlain;
  note(vote, at + 1, end, asItIs);
  return end + 1;
}

/** `[2, 3]`: 2 of 3 found it helpful. */
function scanHelpful(at: usize): usize {
  if (byte(at) != 0x5b) return notPlain;
  const firstEnd = scanInteger(blanks(at + 1), vote, voteDigits);
  if (firstEnd == notPlain) return notPlain;
  const comma = blanks(firstEnd);
  if (byte(comma) != 0x2c) return notPlain;
  const secondEnd = scanInteger(blanks(comma + 1), voteTotal, voteDigits);
  if (secondEnd == notPlain) return notPlain;
  const end = blanks(secondEnd);
  return byte(end) == 0x5d ? end + 1 : notPlain;
}

/** `5` or `5.0`; others than whole stars are parsed. */
function scanRating(at: usize): usize {
  if (byte(at) - 0x30 > 5) return notPlain;
  note(overallRating, at, at + 1, asItIs);
  return byte(at + 1) == 0x2e && byte(at + 2) == 0x30 ? at + 3 : at + 1;
}

/** Four bytes as a number. */
const tru_: u32 = 0x65757274;
const fals: u32 = 0x736c6166;

function scanBoolean(at: usize): usize {
  if (load<u32>(at) == tru_) {
    note(verified, at, at, asTrue);
    return at + 4;
  }
  if (load<u32>(at) != fals || byte(at + 4) != 0x65) return notPlain;
  note(verified, at, at, asFalse);
  return at + 5;
}

/**
 * An object or an array of nothing but texts. Not with backslashes: JSON would have to find them there after MySQL has
 * read the literal.
 */
function scanTexts(at: usize, column: i32, open: u32, close: u32): usize {
  if (byte(at) != open) return notPlain;
  seen = 0;
  let next = blanks(at + 1);
  let more = byte(next) != close;
  while (more) {
    if (open == 0x7b) {
      const name = scanText(next);
      if (name == notPlain) return notPlain;
      next = blanks(name + 1);
      if (byte(next) != 0x3a) return notPlain;
      next = blanks(next + 1);
    }
    const text = scanText(next);
    if (text == notPlain || (seen & sawBackslash) != 0) return notPlain;
    next = blanks(text + 1);
    more = byte(next) == 0x2c;
    if (more) next = blanks(next + 1);
    else if (byte(next) != close) return notPlain;
  }
  note(column, at, next + 1, (seen & sawApostrophe) != 0 ? asJsonWithApostrophes : asJson);
  return next + 1;
}

/** A field that fills two columns, `helpful`, in place of its column. */
const helpful: i32 = plainColumns;
const noField: i32 = -1;

/** The names of the fields by column, `helpful` last, which write-plain-rows.ts writes here: sixteen bytes each, of which the rest is zero. */
export const names: usize = memory.data(16 * 15);
const longestName: usize = 14;
/** Which field followed each one in the last line. The first one follows `helpful`. */
const followers: usize = memory.data(16);
/** From here on as many bytes are all ones as are counted back from the middle. */
const masks: usize = memory.data<u64>([u64.MAX_VALUE, u64.MAX_VALUE, 0, 0]);

function isName(name: v128, field: i32): bool {
  return i8x16.all_true(i8x16.eq(name, v128.load(names + ((<usize>field) << 4))));
}

/** Which field the name of `length` bytes is: its column, `helpful`, or noField. `after`: the field before it. */
function fieldOf(at: usize, length: usize, after: i32): i32 {
  // What follows the name is taken for zeros, so it may not end with one; and a column without a field has no name.
  if (length == 0 || byte(at + length - 1) == 0) return noField;
  const name = v128.and(v128.load(at), v128.load(masks + 16 - length));
  const usual = <i32>load<u8>(followers + <usize>after);
  if (isName(name, usual)) return usual;
  for (let field: i32 = 0; field <= helpful; field += 1) {
    if (!isName(name, field)) continue;
    store<u8>(followers + <usize>after, <u8>field);
    return field;
  }
  return noField;
}

/** Returns where the field's value ends, or notPlain. */
function scanValue(at: usize, field: i32): usize {
  switch (field) {
    case reviewerId:
      return scanTextColumn(at, reviewerId, maxReviewerId);
    case asin:
      return scanTextColumn(at, asin, maxAsin);
    case reviewerName:
      return scanTextColumn(at, reviewerName, maxReviewerName);
    case vote:
      return scanVotes(at);
    case reviewText:
      return scanTextColumn(at, reviewText, maxPlainBytes);
    case summary:
      return scanTextColumn(at, summary, maxPlainBytes);
    case overallRating:
      return scanRating(at);
    case unixReviewTime:
      return scanInteger(at, unixReviewTime, secondsDigits);
    case reviewTime:
      return scanTextColumn(at, reviewTime, maxReviewTime);
    case verified:
      return scanBoolean(at);
    case style:
      return scanTexts(at, style, 0x7b, 0x7d);
    case image:
      return scanTexts(at, image, 0x5b, 0x5d);
    default:
      return scanHelpful(at);
  }
}
/** Whether a column that a review must have is filled, with more than its quotes. */
function hasText(column: i32): bool {
  return (filledColumns() & (1 << column)) != 0 && endOf(column) - beginOf(column) > 2;
}

/** Returns the place of the newline behind the line, or notPlain. No value goes past a newline, so neither does what is looked at. */
export function scanLine(begin: usize): usize {
  beginLine();
  isBeyondAscii = false;
  let at = blanks(begin);
  let field = helpful;
  if (byte(at) != 0x7b) return notPlain;
  do {
    at = blanks(at + 1);
    if (byte(at) != 0x22) return notPlain;
    const name = at + 1;
    at = name;
    while (byte(at) != 0x22) {
      at += 1;
      if (at - name > longestName) return notPlain;
    }
    field = fieldOf(name, at - name, field);
    if (field == noField) return notPlain;
    // JSON.parse takes the last of two; and `vote` comes before `helpful`.
    if ((filledColumns() & (1 << (field == helpful ? vote : field))) != 0) return notPlain;
    at = blanks(at + 1);
    if (byte(at) != 0x3a) return notPlain;
    at = scanValue(blanks(at + 1), field);
    if (at == notPlain) return notPlain;
    at = blanks(at);
  } while (byte(at) == 0x2c);
  if (byte(at) != 0x7d) return notPlain;
  const end = blanks(at + 1);
  if (byte(end) != 0x0a || end - begin > maxPlainBytes) return notPlain;
  return hasText(reviewerId) && hasText(asin) ? end : notPlain;
}
