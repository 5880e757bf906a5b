// AssemblyScript, compiled to WebAssembly by `npm run build:plain-rows`: plain lines become rows of the INSERT, sixteen bytes at a
// time. Long, because a module of WebAssembly is one file.
// A line is plain where its bytes mean the same to JSON and to MySQL, as those of most lines do, or nearly so. Every other line,
// good or bad, is for parseReview, which alone decides what is rejected.

/** The columns that a line fills, numbered as lineColumns in review-store.ts has them. */
const reviewerId: i32 = 0;
const asin: i32 = 1;
const reviewerName: i32 = 2;
const vote: i32 = 3;
const voteTotal: i32 = 4;
const reviewText: i32 = 5;
const summary: i32 = 6;
const overallRating: i32 = 7;
const unixReviewTime: i32 = 8;
const reviewTime: i32 = 9;
const verified: i32 = 10;
const style: i32 = 11;
const image: i32 = 12;
const plainColumns: i32 = 13;

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

/** What a line takes of a batch beside its bytes, as in review-batch.ts. */
const rowOverheadBytes: usize = 128;
/** A row has at most twice a line's bytes, its key and its Region, and punctuation. */
const rowRoom: usize = 640;

// Why `rows` stopped.
const atEnd: i32 = 0;
const atOtherLine: i32 = 1;
const atOtherColumn: i32 = 2;
const atFullBatch: i32 = 3;

/** Six 32-bit numbers that `rows` leaves: rows, place after the last one's line, bytes of SQL, columns filled, bytes in the batch, place of the last row's line. */
export const result: usize = memory.data(32);
/** What a row begins with, before its offset and after it. */
export const key: usize = memory.data(512);
/** Where lines lie, with room for sixteen bytes more; and where rows go. */
export const input: usize = 64 * 1024;
export const inputBytes: usize = 256 * 1024;
export const output: usize = 512 * 1024;
export const outputBytes: usize = 1024 * 1024;

// ---- Of the line at hand ----

// How a column is written. Its bytes are those from `begin` to `end`.
const asNull: i32 = 0;
const asFalse: i32 = 1;
const asTrue: i32 = 2;
/** As they stand: a number, or a text in its quotes. */
const asItIs: i32 = 3;
const asDecodedText: i32 = 4;
const asJson: i32 = 5;
const asJsonWithApostrophes: i32 = 6;

const begins: usize = memory.data(64);
const ends: usize = memory.data(64);
const hows: usize = memory.data(16);
let filled: i32 = 0;
/** A text has bytes beyond ASCII. */
let isBeyondAscii: bool = false;

const sawApostrophe: i32 = 1;
const sawBackslash: i32 = 2;
/** One that MySQL reads otherwise. */
const sawOtherEscape: i32 = 4;
let seen: i32 = 0;

/** In place of where something ends. */
const notPlain: usize = 0;

function byte(at: usize): u32 {
  return load<u8>(at);
}

function blanks(at: usize): usize {
  let next = at;
  while (byte(next) == 0x20 || byte(next) == 0x09 || byte(next) == 0x0d) next += 1;
  return next;
}

function note(column: i32, begin: usize, end: usize, how: i32): void {
  store<u32>(begins + ((<usize>column) << 2), <u32>begin);
  store<u32>(ends + ((<usize>column) << 2), <u32>end);
  store<u8>(hows + <usize>column, <u8>how);
  filled |= 1 << column;
}

// ---- Texts ----

/** The value of four hexadecimal digits, or -1. */
function hexadecimal(at: usize): i32 {
  let value: i32 = 0;
  for (let index: usize = 0; index < 4; index += 1) {
    const digit = byte(at + index);
    const letter = digit | 0x20;
    if (digit - 0x30 < 10) value = (value << 4) | (digit - 0x30);
    else if (letter - 0x61 < 6) value = (value << 4) | (letter - 0x61 + 10);
    else return -1;
  }
  return value;
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
  return notPlain;
}

function scanTextColumn(at: usize, column: i32, maxBytes: usize): usize {
  seen = 0;
  const end = scanText(at);
  if (end == notPlain || end - at - 1 > maxBytes) return notPlain;
  note(column, at, end + 1, (seen & sawOtherEscape) != 0 ? asDecodedText : asItIs);
  return end + 1;
}

// ---- Other values ----

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

// ---- Fields ----

/** A field that fills two columns, `helpful`, in place of its column. */
const helpful: i32 = plainColumns;
const noField: i32 = -1;

const reviewTimeName: usize = memory.data<u8>([0x72, 0x65, 0x76, 0x69, 0x65, 0x77, 0x54, 0x69, 0x6d, 0x65]);
const reviewerIdName: usize = memory.data<u8>([0x72, 0x65, 0x76, 0x69, 0x65, 0x77, 0x65, 0x72, 0x49, 0x44]);
const reviewTextName: usize = memory.data<u8>([0x72, 0x65, 0x76, 0x69, 0x65, 0x77, 0x54, 0x65, 0x78, 0x74]);
const asinName: usize = memory.data<u8>([0x61, 0x73, 0x69, 0x6e]);
const voteName: usize = memory.data<u8>([0x76, 0x6f, 0x74, 0x65]);
const summaryName: usize = memory.data<u8>([0x73, 0x75, 0x6d, 0x6d, 0x61, 0x72, 0x79]);
const overallName: usize = memory.data<u8>([0x6f, 0x76, 0x65, 0x72, 0x61, 0x6c, 0x6c]);
const helpfulName: usize = memory.data<u8>([0x68, 0x65, 0x6c, 0x70, 0x66, 0x75, 0x6c]);
const reviewerNameName: usize = memory.data<u8>([
  0x72, 0x65, 0x76, 0x69, 0x65, 0x77, 0x65, 0x72, 0x4e, 0x61, 0x6d, 0x65,
]);
const unixReviewTimeName: usize = memory.data<u8>([
  0x75, 0x6e, 0x69, 0x78, 0x52, 0x65, 0x76, 0x69, 0x65, 0x77, 0x54, 0x69, 0x6d, 0x65,
]);
const verifiedName: usize = memory.data<u8>([0x76, 0x65, 0x72, 0x69, 0x66, 0x69, 0x65, 0x64]);
const styleName: usize = memory.data<u8>([0x73, 0x74, 0x79, 0x6c, 0x65]);
const imageName: usize = memory.data<u8>([0x69, 0x6d, 0x61, 0x67, 0x65]);
const longestName: usize = 14;

function isName(at: usize, name: usize, length: usize): bool {
  for (let index: usize = 0; index < length; index += 1) if (byte(at + index) != byte(name + index)) return false;
  return true;
}

/** Which field the name of `length` bytes is: its column, `helpful`, or noField. */
function fieldOf(at: usize, length: usize): i32 {
  switch (<i32>length) {
    case 4:
      if (isName(at, asinName, 4)) return asin;
      return isName(at, voteName, 4) ? vote : noField;
    case 5:
      if (isName(at, styleName, 5)) return style;
      return isName(at, imageName, 5) ? image : noField;
    case 7:
      if (isName(at, summaryName, 7)) return summary;
      if (isName(at, overallName, 7)) return overallRating;
      return isName(at, helpfulName, 7) ? helpful : noField;
    case 8:
      return isName(at, verifiedName, 8) ? verified : noField;
    case 10:
      if (isName(at, reviewTimeName, 10)) return reviewTime;
      if (isName(at, reviewerIdName, 10)) return reviewerId;
      return isName(at, reviewTextName, 10) ? reviewText : noField;
    case 12:
      return isName(at, reviewerNameName, 12) ? reviewerName : noField;
    case 14:
      return isName(at, unixReviewTimeName, 14) ? unixReviewTime : noField;
    default:
      return noField;
  }
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
  if ((filled & (1 << column)) == 0) return false;
  return load<u32>(ends + ((<usize>column) << 2)) - load<u32>(begins + ((<usize>column) << 2)) > 2;
}

/** Returns the place of the newline behind the line, or notPlain. No value goes past a newline, so neither does what is looked at. */
function scanLine(begin: usize): usize {
  store<u64>(hows, 0);
  store<u64>(hows + 8, 0);
  filled = 0;
  isBeyondAscii = false;
  let at = blanks(begin);
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
    const field = fieldOf(name, at - name);
    if (field == noField) return notPlain;
    // JSON.parse takes the last of two; and `vote` comes before `helpful`.
    if ((filled & (1 << (field == helpful ? vote : field))) != 0) return notPlain;
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

// ---- Rows ----

/** Returns where the copied bytes end; up to fifteen more are written. */
function copy(from: usize, bytes: usize, out: usize): usize {
  if (bytes > 128) memory.copy(out, from, bytes);
  else for (let index: usize = 0; index < bytes; index += 16) v128.store(out + index, v128.load(from + index));
  return out + bytes;
}

function writeInteger(value: u64, out: usize): usize {
  let end = out + 1;
  for (let power: u64 = 10; power <= value; power *= 10) end += 1;
  let rest = value;
  for (let at = end - 1; at >= out; at -= 1) {
    const tenth = rest / 10;
    store<u8>(at, <u8>(0x30 + (rest - tenth * 10)));
    rest = tenth;
  }
  return end;
}

/** A byte of a text, with a backslash where it means something to the server. */
function writeCharacter(character: u32, out: usize): usize {
  if (character == 0) {
    store<u16>(out, 0x305c);
    return out + 2;
  }
  if (character == 0x22 || character == 0x5c) {
    store<u8>(out, 0x5c);
    store<u8>(out + 1, <u8>character);
    return out + 2;
  }
  if (character < 0x80) {
    store<u8>(out, <u8>character);
    return out + 1;
  }
  if (character < 0x800) {
    store<u8>(out, <u8>(0xc0 | (character >> 6)));
    store<u8>(out + 1, <u8>(0x80 | (character & 0x3f)));
    return out + 2;
  }
  if (character < 0x10000) {
    store<u8>(out, <u8>(0xe0 | (character >> 12)));
    store<u8>(out + 1, <u8>(0x80 | ((character >> 6) & 0x3f)));
    store<u8>(out + 2, <u8>(0x80 | (character & 0x3f)));
    return out + 3;
  }
  store<u8>(out, <u8>(0xf0 | (character >> 18)));
  store<u8>(out + 1, <u8>(0x80 | ((character >> 12) & 0x3f)));
  store<u8>(out + 2, <u8>(0x80 | ((character >> 6) & 0x3f)));
  store<u8>(out + 3, <u8>(0x80 | (character & 0x3f)));
  return out + 4;
}

/** A text with escapes that MySQL reads otherwise: what they stand for. The others are left to it. */
function writeDecodedText(begin: usize, end: usize, out: usize): usize {
  let at = begin;
  let next = out;
  while (at < end) {
    if (byte(at) != 0x5c) {
      store<u8>(next, <u8>byte(at));
      at += 1;
      next += 1;
    } else if (byte(at + 1) == 0x66) {
      store<u8>(next, 0x0c);
      at += 2;
      next += 1;
    } else if (byte(at + 1) != 0x75) {
      store<u16>(next, load<u16>(at));
      at += 2;
      next += 2;
    } else {
      const unit = hexadecimal(at + 2);
      at += 6;
      let character: u32 = unit;
      if (unit >= 0xd800 && unit <= 0xdfff) {
        character = 0x10000 + ((unit - 0xd800) << 10) + (hexadecimal(at + 2) - 0xdc00);
        at += 6;
      }
      next = writeCharacter(character, next);
    }
  }
  return next;
}

const introducer: usize = memory.data<u8>([0x5f, 0x75, 0x74, 0x66, 0x38, 0x6d, 0x62, 0x34, 0x27]);
const introducerBytes: usize = 9;
const nullWord: u32 = 0x4c4c554e;

/** JSON as a text in apostrophes, since it is full of quotes. */
function writeJson(begin: usize, end: usize, hasApostrophes: bool, out: usize): usize {
  let next = copy(introducer, introducerBytes, out);
  if (!hasApostrophes) next = copy(begin, end - begin, next);
  else
    for (let at = begin; at < end; at += 1) {
      if (byte(at) == 0x27) {
        store<u8>(next, 0x5c);
        next += 1;
      }
      store<u8>(next, <u8>byte(at));
      next += 1;
    }
  store<u8>(next, 0x27);
  return next + 1;
}

/** The row of the line at hand: as rowText writes it, but with texts in the quotes that they have. */
function writeRow(offset: u64, columns: i32, keyBytes: usize, regionBytes: usize, out: usize): usize {
  let next = copy(key, keyBytes, out);
  next = writeInteger(offset, next);
  next = copy(key + keyBytes, regionBytes, next);
  for (let column: i32 = 0; column < plainColumns; column += 1) {
    if ((columns & (1 << column)) == 0) continue;
    store<u8>(next, 0x2c);
    next += 1;
    const begin = <usize>load<u32>(begins + ((<usize>column) << 2));
    const end = <usize>load<u32>(ends + ((<usize>column) << 2));
    switch (<i32>load<u8>(hows + <usize>column)) {
      case asNull:
        store<u32>(next, nullWord);
        next += 4;
        break;
      case asFalse:
        store<u8>(next, 0x30);
        next += 1;
        break;
      case asTrue:
        store<u8>(next, 0x31);
        next += 1;
        break;
      case asDecodedText:
        next = writeDecodedText(begin, end, next);
        break;
      case asJson:
        next = writeJson(begin, end, false, next);
        break;
      case asJsonWithApostrophes:
        next = writeJson(begin, end, true, next);
        break;
      default:
        next = copy(begin, end - begin, next);
    }
  }
  store<u8>(next, 0x29);
  return next + 1;
}

/**
 * Writes a row to `output` for each line from `from` on (a place in `input`; each line has its newline) up to one that is not plain, that fills
 * other columns than `columns`, or that has no room in the batch any more. Returns which of them, or `atEnd`, and leaves `result`.
 * `offset`: of the first line. `isFirst`: no row stands before, so no comma. `isUtf8`: all input is; otherwise lines beyond ASCII are not plain.
 */
export function rows(
  from: usize,
  to: usize,
  offset: f64,
  columns: i32,
  mostRows: u32,
  mostBytes: usize,
  isFirst: bool,
  isUtf8: bool,
  keyBytes: usize,
  regionBytes: usize,
): i32 {
  let at = input + from;
  const stop = input + to;
  let out = output;
  let count: u32 = 0;
  let batchBytes: usize = 0;
  let allFilled: i32 = 0;
  let last: usize = from;
  let why = atEnd;
  while (at < stop) {
    const end = scanLine(at);
    if (end == notPlain || (isBeyondAscii && !isUtf8)) {
      why = atOtherLine;
      break;
    }
    allFilled |= filled;
    if ((filled & ~columns) != 0) {
      why = atOtherColumn;
      break;
    }
    const rowBytes = end - at + rowOverheadBytes;
    const hasRoom = out - output + 2 * (end - at) + rowRoom <= outputBytes;
    if (count >= mostRows || batchBytes + rowBytes > mostBytes || !hasRoom) {
      why = atFullBatch;
      break;
    }
    if (count > 0 || !isFirst) {
      store<u8>(out, 0x2c);
      out += 1;
    }
    out = writeRow(<u64>offset + (at - input - from), columns, keyBytes, regionBytes, out);
    count += 1;
    batchBytes += rowBytes;
    last = at - input;
    at = end + 1;
  }
  store<u32>(result, count);
  store<u32>(result + 4, <u32>(at - input));
  store<u32>(result + 8, <u32>(out - output));
  store<i32>(result + 12, allFilled);
  store<u32>(result + 16, <u32>batchBytes);
  store<u32>(result + 20, <u32>last);
  return why;
}
