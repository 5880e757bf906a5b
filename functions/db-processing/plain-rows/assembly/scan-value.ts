// A field's value, by the field's kind: where it ends, and which bytes go into which column.
import {
  closeBrace,
  closeBracket,
  colon,
  commaMark,
  digit0,
  dot,
  letterE,
  minus,
  openBrace,
  openBracket,
  quoteMark,
} from './characters';
import { otherFieldsColumn, secondsColumn, vote, voteTotal } from './columns';
import { columnOf, kindOf, mostBytesOf } from './fields';
import {
  asDecodedText,
  asFalse,
  asItIs,
  asJson,
  asJsonWithApostrophes,
  asTrue,
  byte,
  note,
  noteNumber,
  noteOther,
} from './line';
import { dateBytes, noDate, scanDate } from './scan-date';
import { beginSeen, blanks, notPlain, sawApostrophe, sawBackslash, sawOtherEscape, scanText, seen } from './scan-text';

// Kinds of fields, numbered as plain-formats.ts has them.
const aText: u32 = 0;
const aCount: u32 = 1;
const votesOfAll: u32 = 2;
const aRating: u32 = 3;
const aTime: u32 = 4;
const aBoolean: u32 = 5;
const anObject: u32 = 6;
const aList: u32 = 7;
const aDate: u32 = 8;
const withoutColumn: u32 = 9;

/** Nine digits fit into an unsigned INT. */
const countDigits: usize = 9;
/** Eleven digits are seconds, three more are milliseconds, as read-time.ts tells them. */
const secondsDigits: usize = 11;
const millisecondsDigits: usize = 14;
/** As many digits as every double holds. */
const exactDigits: usize = 15;

function scanTextColumn(at: usize, column: i32, maxBytes: usize): usize {
  beginSeen();
  const end = scanText(at);
  if (end == notPlain || end - at - 1 > maxBytes) return notPlain;
  note(column, at, end + 1, (seen & sawOtherEscape) != 0 ? asDecodedText : asItIs);
  return end + 1;
}

/** Returns where a run of digits ends, or notPlain if it has no digit or more than `most`. */
function digits(at: usize, most: usize): usize {
  let end = at;
  while (end - at <= most && byte(end) - digit0 < 10) end += 1;
  return end == at || end - at > most ? notPlain : end;
}

/** Digits as a JSON number has them: without a zero before them. */
function wholeNumber(at: usize, most: usize): usize {
  const end = digits(at, most);
  return end == notPlain || (byte(at) == digit0 && end > at + 1) ? notPlain : end;
}

function scanInteger(at: usize, column: i32): usize {
  const end = wholeNumber(at, countDigits);
  if (end != notPlain) note(column, at, end, asItIs);
  return end;
}

function scanCount(at: usize, column: i32): usize {
  if (byte(at) != quoteMark) return scanInteger(at, column);
  const end = digits(at + 1, countDigits);
  if (end == notPlain || byte(end) != quoteMark) return notPlain;
  note(column, at + 1, end, asItIs);
  return end + 1;
}

/** Milliseconds without their last three digits are seconds. */
function scanTime(at: usize, column: i32): usize {
  const end = wholeNumber(at, millisecondsDigits);
  if (end == notPlain) return notPlain;
  note(column, at, end - at > secondsDigits ? end - 3 : end, asItIs);
  return end;
}

/** `[2, 3]`: 2 of 3 found it helpful. */
function scanVotesOfAll(at: usize): usize {
  if (byte(at) != openBracket) return notPlain;
  const firstEnd = scanInteger(blanks(at + 1), vote);
  if (firstEnd == notPlain) return notPlain;
  const comma = blanks(firstEnd);
  if (byte(comma) != commaMark) return notPlain;
  const secondEnd = scanInteger(blanks(comma + 1), voteTotal);
  if (secondEnd == notPlain) return notPlain;
  const end = blanks(secondEnd);
  return byte(end) == closeBracket ? end + 1 : notPlain;
}

/** `5` or `5.0`; others than whole stars are parsed. */
function scanRating(at: usize, column: i32): usize {
  if (byte(at) - digit0 > 5) return notPlain;
  note(column, at, at + 1, asItIs);
  return byte(at + 1) == dot && byte(at + 2) == digit0 ? at + 3 : at + 1;
}

/** Four bytes as a number. */
const tru_: u32 = 0x65757274;
const fals: u32 = 0x736c6166;
const nul_: u32 = 0x6c6c756e;

function scanBoolean(at: usize, column: i32): usize {
  if (load<u32>(at) == tru_) {
    note(column, at, at, asTrue);
    return at + 4;
  }
  if (load<u32>(at) != fals || byte(at + 4) != letterE) return notPlain;
  note(column, at, at, asFalse);
  return at + 5;
}

/** A date in its quotes, which fills two columns. */
function scanDateColumn(at: usize, column: i32): usize {
  if (byte(at) != quoteMark || byte(at + 1 + dateBytes) != quoteMark) return notPlain;
  const seconds = scanDate(at + 1);
  if (seconds == noDate) return notPlain;
  const end = at + dateBytes + 2;
  note(column, at, end, asItIs);
  noteNumber(secondsColumn, seconds);
  return end;
}

/** Texts within brackets, or names and texts within braces. Returns the place after them, or notPlain; what was seen is in `seen`. */
function scanTexts(at: usize, open: u32, close: u32): usize {
  if (byte(at) != open) return notPlain;
  let next = blanks(at + 1);
  let more = byte(next) != close;
  while (more) {
    if (open == openBrace) {
      const name = scanText(next);
      if (name == notPlain) return notPlain;
      next = blanks(name + 1);
      if (byte(next) != colon) return notPlain;
      next = blanks(next + 1);
    }
    if (open == openBracket && byte(next) == openBrace) {
      next = scanTexts(next, openBrace, closeBrace);
      if (next == notPlain) return notPlain;
    } else {
      const text = scanText(next);
      if (text == notPlain) return notPlain;
      next = text + 1;
    }
    next = blanks(next);
    more = byte(next) == commaMark;
    if (more) next = blanks(next + 1);
    else if (byte(next) != close) return notPlain;
  }
  return next + 1;
}

/**
 * An object of nothing but texts, or an array of such and of texts. Not with backslashes: JSON would have to find them there after
 * MySQL has read the literal.
 */
function scanJson(at: usize, column: i32, open: u32, close: u32): usize {
  beginSeen();
  const end = scanTexts(at, open, close);
  if (end == notPlain || (seen & sawBackslash) != 0) return notPlain;
  note(column, at, end, (seen & sawApostrophe) != 0 ? asJsonWithApostrophes : asJson);
  return end;
}

/** A text without backslashes, a whole number, true, false or null. `name`: of the name's quote. */
function scanOther(at: usize, name: usize): usize {
  beginSeen();
  let end = notPlain;
  const four = load<u32>(at);
  if (byte(at) == quoteMark) {
    const text = scanText(at);
    if (text == notPlain || (seen & sawBackslash) != 0) return notPlain;
    end = text + 1;
  } else if (four == tru_ || four == nul_) end = at + 4;
  else if (four == fals && byte(at + 4) == letterE) end = at + 5;
  else end = wholeNumber(byte(at) == minus ? at + 1 : at, exactDigits);
  if (end != notPlain) noteOther(otherFieldsColumn, name, end, (seen & sawApostrophe) != 0);
  return end;
}

/** `name`: of the name's quote. Returns where the field's value ends, or notPlain. */
export function scanValue(at: usize, name: usize, field: usize): usize {
  const kind = kindOf(field);
  const column = columnOf(field);
  // A missing field.
  if (load<u32>(at) == nul_ && kind != withoutColumn) return at + 4;
  switch (kind) {
    case aText:
      return scanTextColumn(at, column, mostBytesOf(field));
    case aCount:
      return scanCount(at, column);
    case votesOfAll:
      return scanVotesOfAll(at);
    case aRating:
      return scanRating(at, column);
    case aTime:
      return scanTime(at, column);
    case aBoolean:
      return scanBoolean(at, column);
    case anObject:
      return scanJson(at, column, openBrace, closeBrace);
    case aList:
      return scanJson(at, column, openBracket, closeBracket);
    case aDate:
      return scanDateColumn(at, column);
    default:
      return scanOther(at, name);
  }
}
