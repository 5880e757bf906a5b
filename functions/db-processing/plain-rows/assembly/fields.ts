// The fields of the record formats whose lines can be plain, which write-plain-rows.ts writes here.
import { byte } from './line';

/** How many formats there can be, and fields of one. */
export const mostFormats: usize = 4;
export const mostFields: usize = 16;

// What a field's entry has: 32 bytes of its name, of which the rest is zero, then its name's length, kind, column and most bytes.
const entryBytes: usize = 48;
export const longestName: usize = 32;
const lengthAt: usize = 32;
const kindAt: usize = 33;
const columnAt: usize = 34;
const mostBytesAt: usize = 36;

/** By format, then by field. An entry without a name is none. */
export const fields: usize = memory.data(4 * 16 * 48);
/** By format: which field followed each one in the last line. The first one follows `noField`. */
const followers: usize = memory.data(4 * 32);
/** From here on as many bytes are all ones as are counted back from the middle. */
const masks: usize = memory.data<u64>([u64.MAX_VALUE, u64.MAX_VALUE, 0, 0]);

export const noField: i32 = -1;

function entryOf(format: i32, field: i32): usize {
  return fields + (<usize>format * mostFields + <usize>field) * entryBytes;
}

export function kindOf(format: i32, field: i32): u32 {
  return byte(entryOf(format, field) + kindAt);
}

export function columnOf(format: i32, field: i32): i32 {
  return <i32>byte(entryOf(format, field) + columnAt);
}

export function mostBytesOf(format: i32, field: i32): usize {
  return <usize>load<u32>(entryOf(format, field) + mostBytesAt);
}

/** `begin`: the name's first sixteen bytes, the rest zero. */
function isName(at: usize, length: usize, begin: v128, entry: usize): bool {
  if (byte(entry + lengthAt) != <u32>length) return false;
  if (!i8x16.all_true(i8x16.eq(begin, v128.load(entry)))) return false;
  if (length <= 16) return true;
  const rest = v128.and(v128.load(at + 16), v128.load(masks + 32 - length));
  return i8x16.all_true(i8x16.eq(rest, v128.load(entry + 16)));
}

/** Which field the name of `length` bytes is, or noField. `after`: the field before it. */
export function fieldOf(format: i32, at: usize, length: usize, after: i32): i32 {
  if (length == 0 || length > longestName) return noField;
  const begin = length < 16 ? v128.and(v128.load(at), v128.load(masks + 16 - length)) : v128.load(at);
  const follower = followers + ((<usize>format) << 5) + <usize>(after + 1);
  const usual = <i32>load<u8>(follower);
  if (isName(at, length, begin, entryOf(format, usual))) return usual;
  for (let field: i32 = 0; field < <i32>mostFields; field += 1) {
    if (!isName(at, length, begin, entryOf(format, field))) continue;
    store<u8>(follower, <u8>field);
    return field;
  }
  return noField;
}
