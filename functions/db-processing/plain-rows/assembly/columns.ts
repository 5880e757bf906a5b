// Made by `npm run build:plain-rows` from functions/shared/record-formats.ts: the columns' places in a row.
export const reviewerId: i32 = 0;
export const asin: i32 = 1;
export const vote: i32 = 3;
export const voteTotal: i32 = 4;
export const secondsColumn: i32 = 8;
export const dateColumn: i32 = 9;
export const otherFieldsColumn: i32 = 13;
export const plainColumns: i32 = 14;
