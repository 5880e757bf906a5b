// The fields of the record formats whose lines can be plain, which write-plain-rows.ts writes here.
import { byte } from './line';

/** Fields of one format. */
const mostFields: usize = 16;

// What a field's entry has: 32 bytes of its name, of which the rest is zero; its name's length, kind and column, a byte each; and
// numbers of 32 bits: most bytes of a text, the columns that it fills and its own bit in a set of fields, and the entry that followed
// it in the last line.
const entryBits: usize = 6;
const tableBits: usize = 10;
export const longestName: usize = 32;
const lengthAt: usize = 32;
const kindAt: usize = 33;
const columnAt: usize = 34;
const mostBytesAt: usize = 36;
const columnsAt: usize = 40;
const bitAt: usize = 44;
const followerAt: usize = 48;

/** By format, then by field. An entry without a name is not used. */
export const fields: usize = memory.data(4 * 16 * 64);
/** By format: an entry of which only the follower is used, the first field. */
const starts: usize = memory.data(4 * 64);
/** Two words of ones, then two of zeros. A load at `masks + 16 - n` gives a mask of n bytes. */
const masks: usize = memory.data<u64>([u64.MAX_VALUE, u64.MAX_VALUE, 0, 0]);

/** In place of an entry. */
export const noField: usize = 0;

export function startOf(format: i32): usize {
  return starts + ((<usize>format) << entryBits);
}

export function kindOf(field: usize): u32 {
  return byte(field + kindAt);
}

export function columnOf(field: usize): i32 {
  return <i32>byte(field + columnAt);
}

export function mostBytesOf(field: usize): usize {
  return <usize>load<u32>(field + mostBytesAt);
}

/** A bit each. */
export function columnsOf(field: usize): i32 {
  return load<i32>(field + columnsAt);
}

export function bitOf(field: usize): i32 {
  return load<i32>(field + bitAt);
}

/** `begin`: the name's first sixteen bytes, the rest zero. */
function isName(at: usize, length: usize, begin: v128, field: usize): bool {
  if (byte(field + lengthAt) != <u32>length) return false;
  if (!i8x16.all_true(i8x16.eq(begin, v128.load(field)))) return false;
  if (length <= 16) return true;
  const rest = v128.and(v128.load(at + 16), v128.load(masks + 32 - length));
  return i8x16.all_true(i8x16.eq(rest, v128.load(field + 16)));
}

/** Which field the name of `length` bytes is: its entry, or noField. `after`: the field before it. */
export function fieldOf(format: i32, at: usize, length: usize, after: usize): usize {
  if (length == 0 || length > longestName) return noField;
  const begin = length < 16 ? v128.and(v128.load(at), v128.load(masks + 16 - length)) : v128.load(at);
  const usual = <usize>load<u32>(after + followerAt);
  if (usual != noField && isName(at, length, begin, usual)) return usual;
  const table = fields + ((<usize>format) << tableBits);
  for (let index: usize = 0; index < mostFields; index += 1) {
    const field = table + (index << entryBits);
    if (!isName(at, length, begin, field)) continue;
    store<u32>(after + followerAt, <u32>field);
    return field;
  }
  return noField;
}
