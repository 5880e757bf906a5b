// The current line: which columns it fills, and where in memory their bytes are.
import { digit0, letterA } from './characters';

// How a column is written. Its bytes are those from `begin` to `end`.
export const asNull: i32 = 0;
export const asFalse: i32 = 1;
export const asTrue: i32 = 2;
/** Unchanged: a number, or a text in its quotes. */
export const asItIs: i32 = 3;
export const asDecodedText: i32 = 4;
export const asJson: i32 = 5;
export const asJsonWithApostrophes: i32 = 6;
/** The number that `noteNumber` was given. */
export const asNumber: i32 = 7;
/** The members that `noteOther` was given, as one object. */
export const asOthers: i32 = 8;
export const asOthersWithApostrophes: i32 = 9;

// Room for sixteen columns: build-plain-rows.ts refuses more.
const begins: usize = memory.data(64);
const ends: usize = memory.data(64);
const hows: usize = memory.data(16);
let filled: i32 = 0;
let number: u64 = 0;
/** Where members without a column begin and end. */
const otherBegins: usize = memory.data(64);
const otherEnds: usize = memory.data(64);
let others: i32 = 0;

export function byte(at: usize): u32 {
  return load<u8>(at);
}

/** A line that fills no column yet. */
export function beginLine(): void {
  store<u64>(hows, 0);
  store<u64>(hows + 8, 0);
  filled = 0;
  others = 0;
}

export function note(column: i32, begin: usize, end: usize, how: i32): void {
  store<u32>(begins + ((<usize>column) << 2), <u32>begin);
  store<u32>(ends + ((<usize>column) << 2), <u32>end);
  store<u8>(hows + <usize>column, <u8>how);
  filled |= 1 << column;
}

export function noteNumber(column: i32, value: u64): void {
  note(column, 0, 0, asNumber);
  number = value;
}

/** A member without a column, from its name's quote on. */
export function noteOther(column: i32, begin: usize, end: usize, hasApostrophes: bool): void {
  store<u32>(otherBegins + ((<usize>others) << 2), <u32>begin);
  store<u32>(otherEnds + ((<usize>others) << 2), <u32>end);
  others += 1;
  const how = hasApostrophes || howOf(column) == asOthersWithApostrophes ? asOthersWithApostrophes : asOthers;
  note(column, 0, 0, how);
}

export function otherFields(): i32 {
  return others;
}

export function otherBegin(index: i32): usize {
  return <usize>load<u32>(otherBegins + ((<usize>index) << 2));
}

export function otherEnd(index: i32): usize {
  return <usize>load<u32>(otherEnds + ((<usize>index) << 2));
}

export function notedNumber(): u64 {
  return number;
}

/** A bit each. */
export function filledColumns(): i32 {
  return filled;
}

export function beginOf(column: i32): usize {
  return <usize>load<u32>(begins + ((<usize>column) << 2));
}

export function endOf(column: i32): usize {
  return <usize>load<u32>(ends + ((<usize>column) << 2));
}

export function howOf(column: i32): i32 {
  return <i32>load<u8>(hows + <usize>column);
}

/** The value of four hexadecimal digits, or -1. */
export function hexadecimal(at: usize): i32 {
  let value: i32 = 0;
  for (let index: usize = 0; index < 4; index += 1) {
    const digit = byte(at + index);
    const letter = digit | 0x20;
    if (digit - digit0 < 10) value = (value << 4) | (digit - digit0);
    else if (letter - letterA < 6) value = (value << 4) | (letter - letterA + 10);
    else return -1;
  }
  return value;
}
