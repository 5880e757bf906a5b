// Tells a plain line, and finds its columns in it; over 200 lines, since it is one scanner, of no use in parts.
// A line is plain where its bytes mean the same to JSON and to MySQL, as those of most lines do. Every other line, good or
// bad, is for parseReview, which alone decides what is rejected.
import { isUtf8 } from 'node:buffer';
import { maxCharacters } from './parse-review.ts';

/** No field of a line of this length is too long for a TEXT or JSON column. */
export const maxPlainBytes = 65_535;

/** In place of where something ends: the line has to be parsed. */
export const notPlain = -1 as const;

/** The columns that a line fills, in the order of lineColumns in review-store.ts. */
const reviewerId = 0;
const asin = 1;
const reviewerName = 2;
const vote = 3;
const voteTotal = 4;
const reviewText = 5;
const summary = 6;
const overallRating = 7;
const unixReviewTime = 8;
const reviewTime = 9;
const verified = 10;
const style = 11;
const image = 12;
export const plainColumns = 13;
/** This one and those after it are JSON to the server. */
export const firstJsonColumn = style;

/** How a column is written; of the line's bytes in its span, but for the first three. */
export const asNull = 0;
export const asFalse = 1;
export const asTrue = 2;
export const asNumber = 3;
export const asText = 4;
export const asTextWithApostrophes = 5;

/** Of the line at hand: where each column's bytes begin, end (exclusive), and how they are written. One call ends before the next begins. */
export const from = new Int32Array(plainColumns);
export const to = new Int32Array(plainColumns);
export const how = new Uint8Array(plainColumns);

interface Field {
  name: Buffer;
  column: number;
  /** Returns where the value ends, or notPlain, and notes what `column` is written of. */
  scan: (buffer: Buffer, at: number, column: number) => number;
}
const fields: Field[] = [
  { name: 'reviewerID', column: reviewerId, scan: textUpTo(maxCharacters.reviewer_id) },
  { name: 'asin', column: asin, scan: textUpTo(maxCharacters.asin) },
  { name: 'reviewerName', column: reviewerName, scan: textUpTo(maxCharacters.reviewer_name) },
  { name: 'vote', column: vote, scan: scanVotes },
  { name: 'helpful', column: vote, scan: scanHelpful },
  { name: 'reviewText', column: reviewText, scan: textUpTo(maxPlainBytes) },
  { name: 'summary', column: summary, scan: textUpTo(maxPlainBytes) },
  { name: 'overall', column: overallRating, scan: scanRating },
  { name: 'unixReviewTime', column: unixReviewTime, scan: scanSeconds },
  { name: 'reviewTime', column: reviewTime, scan: textUpTo(maxCharacters.review_time) },
  { name: 'verified', column: verified, scan: scanBoolean },
  { name: 'style', column: style, scan: scanNamedTexts },
  { name: 'image', column: image, scan: scanTexts },
].map((field) => ({ ...field, name: Buffer.from(field.name) }));
const longestName = Math.max(...fields.map(({ name }) => name.length));
const fieldsByLength = Array.from({ length: longestName + 1 }, (_, length) =>
  fields.filter(({ name }) => name.length === length),
);

// What a byte is within a JSON text.
const ordinary = 0;
const ends = 1;
const backslash = 2;
const apostrophe = 3;
const beyondAscii = 4;
const control = 5;
const byteClass = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return beyondAscii;
  if (byte < 0x20) return control;
  return { 0x22: ends, 0x5c: backslash, 0x27: apostrophe }[byte] ?? ordinary;
});
/** After a backslash: what JSON and MySQL read alike. `\f` is a letter to MySQL, and `\u0041` none. */
const sameEscape = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

// What the end of a scanned text is returned with, in its lowest bits.
const sawApostrophe = 1;
const sawBackslash = 2;
const sawBeyondAscii = 4;
const sawBits = 3;

// Of the line at hand.
let beyondAsciiInLine = false;
let filled = 0;

/** `at`: of the quote. Returns where the closing one stands and what was seen before it, or notPlain. */
function scanText(buffer: Buffer, at: number): number {
  if (buffer[at] !== 0x22) return notPlain;
  let seen = 0;
  for (let index = at + 1; index < buffer.length; index += 1) {
    const found = byteClass[buffer[index] as number];
    if (found === ordinary) continue;
    if (found === ends) {
      if (seen & sawBeyondAscii) beyondAsciiInLine = true;
      return (index << sawBits) | seen;
    }
    if (found === apostrophe) seen |= sawApostrophe;
    else if (found === beyondAscii) seen |= sawBeyondAscii;
    else if (found === control) return notPlain;
    else {
      seen |= sawBackslash;
      index += 1;
      if (index >= buffer.length || sameEscape[buffer[index] as number] === 0) return notPlain;
    }
  }
  return notPlain;
}

function note(column: number, begin: number, end: number, written: number): void {
  from[column] = begin;
  to[column] = end;
  how[column] = written;
  filled |= 1 << column;
}

/** Bytes are never fewer than characters; a text that may be too long is for parseReview to measure. */
function textUpTo(maxBytes: number): Field['scan'] {
  return (buffer, at, column) => {
    const found = scanText(buffer, at);
    if (found === notPlain) return notPlain;
    const end = found >> sawBits;
    if (end - at - 1 > maxBytes) return notPlain;
    note(column, at + 1, end, found & sawApostrophe ? asTextWithApostrophes : asText);
    return end + 1;
  };
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Where a run of digits ends; notPlain where there is none, or more than `most`. */
function digits(buffer: Buffer, at: number, most: number): number {
  let end = at;
  while (end - at <= most && isDigit(buffer[end])) end += 1;
  return end === at || end - at > most ? notPlain : end;
}

/** Digits as a JSON number has them: without a zero before them. */
function scanInteger(buffer: Buffer, at: number, column: number, most: number): number {
  const end = digits(buffer, at, most);
  if (end === notPlain || (buffer[at] === 0x30 && end > at + 1)) return notPlain;
  note(column, at, end, asNumber);
  return end;
}

/** Eleven digits of seconds reach the year 5138, as far as any are taken. */
function scanSeconds(buffer: Buffer, at: number, column: number): number {
  return scanInteger(buffer, at, column, 11);
}

/** Nine digits fit into an unsigned INT. */
const voteDigits = 9;

function scanVotes(buffer: Buffer, at: number, column: number): number {
  if (buffer[at] !== 0x22) return scanInteger(buffer, at, column, voteDigits);
  const end = digits(buffer, at + 1, voteDigits);
  if (end === notPlain || buffer[end] !== 0x22) return notPlain;
  note(column, at + 1, end, asNumber);
  return end + 1;
}

/** `[2, 3]`: 2 of 3 found it helpful. */
function scanHelpful(buffer: Buffer, at: number, column: number): number {
  if (buffer[at] !== 0x5b) return notPlain;
  const firstEnd = scanInteger(buffer, blanks(buffer, at + 1), column, voteDigits);
  if (firstEnd === notPlain) return notPlain;
  const comma = blanks(buffer, firstEnd);
  if (buffer[comma] !== 0x2c) return notPlain;
  const secondEnd = scanInteger(buffer, blanks(buffer, comma + 1), voteTotal, voteDigits);
  if (secondEnd === notPlain) return notPlain;
  const end = blanks(buffer, secondEnd);
  return buffer[end] === 0x5d ? end + 1 : notPlain;
}

/** `5` or `5.0`; others than whole stars are parsed. */
function scanRating(buffer: Buffer, at: number, column: number): number {
  const byte = buffer[at] as number;
  if (!(byte >= 0x30 && byte <= 0x35)) return notPlain;
  note(column, at, at + 1, asNumber);
  return buffer[at + 1] === 0x2e && buffer[at + 2] === 0x30 ? at + 3 : at + 1;
}

const trueWord = Buffer.from('true');
const falseWord = Buffer.from('false');

function scanBoolean(buffer: Buffer, at: number, column: number): number {
  const isTrue = buffer[at] === 0x74;
  const word = isTrue ? trueWord : falseWord;
  if (!has(buffer, at, word)) return notPlain;
  note(column, at, at + word.length, isTrue ? asTrue : asFalse);
  return at + word.length;
}

function scanNamedTexts(buffer: Buffer, at: number, column: number): number {
  return buffer[at] === 0x7b ? scanTextsUntil(0x7d, buffer, at, column) : notPlain;
}

function scanTexts(buffer: Buffer, at: number, column: number): number {
  return buffer[at] === 0x5b ? scanTextsUntil(0x5d, buffer, at, column) : notPlain;
}

/**
 * An object or an array of nothing but texts. Not with backslashes: JSON would have to find them there after MySQL has
 * read the literal.
 */
function scanTextsUntil(close: number, buffer: Buffer, at: number, column: number): number {
  const isNamed = close === 0x7d;
  let seen = 0;
  let next = blanks(buffer, at + 1);
  let more = buffer[next] !== close;
  while (more) {
    for (let texts = isNamed ? 2 : 1; texts > 0; texts -= 1) {
      const found = scanText(buffer, next);
      if (found === notPlain || found & sawBackslash) return notPlain;
      seen |= found;
      next = blanks(buffer, (found >> sawBits) + 1);
      if (texts === 1) continue;
      if (buffer[next] !== 0x3a) return notPlain;
      next = blanks(buffer, next + 1);
    }
    more = buffer[next] === 0x2c;
    if (more) next = blanks(buffer, next + 1);
    else if (buffer[next] !== close) return notPlain;
  }
  note(column, at, next + 1, seen & sawApostrophe ? asTextWithApostrophes : asText);
  return next + 1;
}

function blanks(buffer: Buffer, at: number): number {
  let next = at;
  while (buffer[next] === 0x20 || buffer[next] === 0x09 || buffer[next] === 0x0d || buffer[next] === 0x0a) next += 1;
  return next;
}

function fieldAt(buffer: Buffer, begin: number): Field | undefined {
  let end = begin;
  while (buffer[end] !== 0x22) {
    end += 1;
    if (end - begin > longestName) return undefined;
  }
  for (const field of fieldsByLength[end - begin] as Field[]) if (has(buffer, begin, field.name)) return field;
  return undefined;
}

function has(buffer: Buffer, at: number, word: Buffer): boolean {
  for (let index = 0; index < word.length; index += 1) if (buffer[at + index] !== word[index]) return false;
  return true;
}

/**
 * Which columns the line [begin, end) fills, a bit each (`1 << column`), or `notPlain`. `from`, `to` and `how` hold them until the next
 * call, with the columns that it does not fill.
 */
export function scanPlainLine(buffer: Buffer, begin: number, end: number): number {
  if (end - begin > maxPlainBytes) return notPlain;
  how.fill(asNull);
  beyondAsciiInLine = false;
  filled = 0;
  let at = blanks(buffer, begin);
  if (buffer[at] !== 0x7b) return notPlain;
  do {
    at = blanks(buffer, at + 1);
    if (buffer[at] !== 0x22) return notPlain;
    const field = fieldAt(buffer, at + 1);
    if (field === undefined) return notPlain;
    // JSON.parse takes the last of two; and `vote` comes before `helpful`.
    if (filled & (1 << field.column)) return notPlain;
    at = blanks(buffer, at + field.name.length + 2);
    if (buffer[at] !== 0x3a) return notPlain;
    at = field.scan(buffer, blanks(buffer, at + 1), field.column);
    if (at === notPlain) return notPlain;
    at = blanks(buffer, at);
  } while (buffer[at] === 0x2c);
  // What lies after the line may have been taken for its own end.
  if (buffer[at] !== 0x7d || at >= end || blanks(buffer, at + 1) < end) return notPlain;
  if (how[reviewerId] === asNull || from[reviewerId] === to[reviewerId]) return notPlain;
  if (how[asin] === asNull || from[asin] === to[asin]) return notPlain;
  return beyondAsciiInLine && !isUtf8(buffer.subarray(begin, end)) ? notPlain : filled;
}
