// Bytes of ASCII by name. In a JavaScript string they are code units.
export const tab = 0x09;
export const newline = 0x0a;
export const carriageReturn = 0x0d;
export const recordSeparator = 0x1e;
export const space = 0x20;
export const quote = 0x22;
export const comma = 0x2c;
export const slash = 0x2f;
export const colon = 0x3a;
export const semicolon = 0x3b;
export const openBracket = 0x5b;
export const backslash = 0x5c;
export const closeBracket = 0x5d;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;

/** What JSON allows between values. */
export const isBlank = (byte: number | undefined): boolean =>
  byte === space || byte === tab || byte === carriageReturn || byte === newline;
