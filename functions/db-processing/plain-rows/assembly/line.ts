// The line at hand: which columns it fills, and where in the memory their bytes are. One line ends before the next begins.

/** The columns that a line fills, numbered as lineColumns in review-store.ts has them. */
export const reviewerId: i32 = 0;
export const asin: i32 = 1;
export const reviewerName: i32 = 2;
export const vote: i32 = 3;
export const voteTotal: i32 = 4;
export const reviewText: i32 = 5;
export const summary: i32 = 6;
export const overallRating: i32 = 7;
export const unixReviewTime: i32 = 8;
export const reviewTime: i32 = 9;
export const verified: i32 = 10;
export const style: i32 = 11;
export const image: i32 = 12;
export const plainColumns: i32 = 14;

// How a column is written. Its bytes are those from `begin` to `end`.
export const asNull: i32 = 0;
export const asFalse: i32 = 1;
export const asTrue: i32 = 2;
/** As they stand: a number, or a text in its quotes. */
export const asItIs: i32 = 3;
export const asDecodedText: i32 = 4;
export const asJson: i32 = 5;
export const asJsonWithApostrophes: i32 = 6;

const begins: usize = memory.data(64);
const ends: usize = memory.data(64);
const hows: usize = memory.data(16);
let filled: i32 = 0;

export function byte(at: usize): u32 {
  return load<u8>(at);
}

/** A line that fills no column yet. */
export function beginLine(): void {
  store<u64>(hows, 0);
  store<u64>(hows + 8, 0);
  filled = 0;
}

export function note(column: i32, begin: usize, end: usize, how: i32): void {
  store<u32>(begins + ((<usize>column) << 2), <u32>begin);
  store<u32>(ends + ((<usize>column) << 2), <u32>end);
  store<u8>(hows + <usize>column, <u8>how);
  filled |= 1 << column;
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
    if (digit - 0x30 < 10) value = (value << 4) | (digit - 0x30);
    else if (letter - 0x61 < 6) value = (value << 4) | (letter - 0x61 + 10);
    else return -1;
  }
  return value;
}
