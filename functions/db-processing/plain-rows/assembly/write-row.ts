// Writes the row of the current line as SQL.
import {
  apostrophe,
  backslash,
  beyondAscii,
  closeBrace,
  closeParenthesis,
  commaMark,
  digit0,
  digit1,
  firstHighSurrogate,
  firstLowSurrogate,
  formFeed,
  lastSurrogate,
  letterF,
  letterU,
  openBrace,
  quoteMark,
} from './characters';
import { plainColumns } from './columns';
import {
  asDecodedText,
  asFalse,
  asJson,
  asJsonWithApostrophes,
  asNull,
  asNumber,
  asOthers,
  asOthersWithApostrophes,
  asTrue,
  beginOf,
  byte,
  endOf,
  hexadecimal,
  howOf,
  notedNumber,
  otherBegin,
  otherEnd,
  otherFields,
} from './line';

/** The bytes of a row before and after its offset. */
export const key: usize = memory.data(512);

/** Returns where the copied bytes end. It may write up to fifteen bytes more. */
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
    store<u8>(at, <u8>(digit0 + (rest - tenth * 10)));
    rest = tenth;
  }
  return end;
}

/** Writes a byte of a text, with a backslash if the byte means something to the server. */
function writeCharacter(character: u32, out: usize): usize {
  if (character == 0) {
    store<u16>(out, <u16>(backslash | (digit0 << 8)));
    return out + 2;
  }
  if (character == quoteMark || character == backslash) {
    store<u8>(out, <u8>backslash);
    store<u8>(out + 1, <u8>character);
    return out + 2;
  }
  if (character < beyondAscii) {
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

/** Writes a text. Decodes escapes that MySQL reads differently, and leaves the others to MySQL. */
function writeDecodedText(begin: usize, end: usize, out: usize): usize {
  let at = begin;
  let next = out;
  while (at < end) {
    if (byte(at) != backslash) {
      store<u8>(next, <u8>byte(at));
      at += 1;
      next += 1;
    } else if (byte(at + 1) == letterF) {
      store<u8>(next, <u8>formFeed);
      at += 2;
      next += 1;
    } else if (byte(at + 1) != letterU) {
      store<u16>(next, load<u16>(at));
      at += 2;
      next += 2;
    } else {
      const unit = hexadecimal(at + 2);
      at += 6;
      let character: u32 = unit;
      if (unit >= firstHighSurrogate && unit <= lastSurrogate) {
        character = 0x10000 + ((unit - firstHighSurrogate) << 10) + (hexadecimal(at + 2) - firstLowSurrogate);
        at += 6;
      }
      next = writeCharacter(character, next);
    }
  }
  return next;
}

/** `_utf8mb4'` */
const introducer: usize = memory.data<u8>([0x5f, 0x75, 0x74, 0x66, 0x38, 0x6d, 0x62, 0x34, 0x27]);
const introducerBytes: usize = 9;
/** `NULL`, first letter in the lowest byte. */
const nullWord: u32 = 0x4c4c554e;

/** JSON within apostrophes. */
function writeJsonBytes(begin: usize, end: usize, hasApostrophes: bool, out: usize): usize {
  if (!hasApostrophes) return copy(begin, end - begin, out);
  let next = out;
  for (let at = begin; at < end; at += 1) {
    if (byte(at) == apostrophe) {
      store<u8>(next, <u8>backslash);
      next += 1;
    }
    store<u8>(next, <u8>byte(at));
    next += 1;
  }
  return next;
}

/** Writes JSON as a text in apostrophes, because it is full of quotes. */
function writeJson(begin: usize, end: usize, hasApostrophes: bool, out: usize): usize {
  const next = writeJsonBytes(begin, end, hasApostrophes, copy(introducer, introducerBytes, out));
  store<u8>(next, <u8>apostrophe);
  return next + 1;
}

function writeOthers(hasApostrophes: bool, out: usize): usize {
  let next = copy(introducer, introducerBytes, out);
  for (let index: i32 = 0; index < otherFields(); index += 1) {
    store<u8>(next, <u8>(index == 0 ? openBrace : commaMark));
    next = writeJsonBytes(otherBegin(index), otherEnd(index), hasApostrophes, next + 1);
  }
  store<u16>(next, <u16>(closeBrace | (apostrophe << 8)));
  return next + 2;
}

/** Writes the row of the current line as rowText does, but keeps the quotes of texts. */
export function writeRow(offset: u64, columns: i32, keyBytes: usize, regionBytes: usize, out: usize): usize {
  let next = copy(key, keyBytes, out);
  next = writeInteger(offset, next);
  next = copy(key + keyBytes, regionBytes, next);
  for (let column: i32 = 0; column < plainColumns; column += 1) {
    if ((columns & (1 << column)) == 0) continue;
    store<u8>(next, <u8>commaMark);
    next += 1;
    const begin = beginOf(column);
    const end = endOf(column);
    switch (howOf(column)) {
      case asNull:
        store<u32>(next, nullWord);
        next += 4;
        break;
      case asFalse:
        store<u8>(next, <u8>digit0);
        next += 1;
        break;
      case asTrue:
        store<u8>(next, <u8>digit1);
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
      case asNumber:
        next = writeInteger(notedNumber(), next);
        break;
      case asOthers:
        next = writeOthers(false, next);
        break;
      case asOthersWithApostrophes:
        next = writeOthers(true, next);
        break;
      default:
        next = copy(begin, end - begin, next);
    }
  }
  store<u8>(next, <u8>closeParenthesis);
  return next + 1;
}
