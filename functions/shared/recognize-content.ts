// Tells by its first bytes how a text of records is cut: JSON lines, one JSON array, JSON values in any arrangement, or a table.
import {
  backslash,
  closeBrace,
  closeBracket,
  comma,
  isBlank,
  newline,
  openBrace,
  openBracket,
  quote,
  recordSeparator,
  semicolon,
} from './bytes.ts';
import { comparableName, type RecordFormat, recordFormats } from './record-formats.ts';

/** Number of bytes to decide by, unless the content is shorter. The first record mostly fits. */
export const recognizeBytes = 64 * 1024;

export const jsonKinds = ['lines', 'array', 'values'] as const;

/**
 * `lines`: one value per line, or text that is not JSON. `values`: consecutive JSON values, with or without line ends or
 * separators between them. `table`: a header and rows.
 */
export type ContentKind =
  | { kind: (typeof jsonKinds)[number] }
  | { kind: 'table'; delimiter: string; isQuoted: boolean };

/** The index of the first byte that is neither a byte order mark nor blank, or the length if all are. */
export function firstByte(head: Uint8Array): number {
  let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  while (at < head.length && isBlank(head[at])) at += 1;
  return at;
}

/** `isWhole`: nothing follows `head`. `added`: more record formats whose names a header may have. */
export function recognizeContent(head: Uint8Array, isWhole: boolean, added: readonly RecordFormat[] = []): ContentKind {
  const begin = firstByte(head);
  switch (head[begin]) {
    case undefined:
      return { kind: isWhole ? 'lines' : 'values' };
    case openBracket:
      return { kind: 'array' };
    case recordSeparator:
      return { kind: 'values' };
    case openBrace:
      return { kind: isLine(head, begin, isWhole) ? 'lines' : 'values' };
    default:
      return tableIn(head, begin, added) ?? { kind: 'lines' };
  }
}

/** Whether the value that begins here ends with its line. A value that continues after `head` counts as a line. */
function isLine(head: Uint8Array, begin: number, isWhole: boolean): boolean {
  let depth = 0;
  let inText = false;
  for (let at = begin; at < head.length; at += 1) {
    const byte = head[at];
    if (inText) {
      // No JSON string crosses a line end. So this line is damaged, and the next one is not.
      if (byte === newline) return true;
      if (byte === backslash) at += 1;
      else if (byte === quote) inText = false;
      continue;
    }
    // Python writes texts like this. They are lines without JSON.
    if (byte === 0x27) return true;
    if (byte === newline) return false;
    if (byte === quote) inText = true;
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    if (depth === 0) return endsLine(head, at + 1, isWhole);
  }
  return true;
}

function endsLine(head: Uint8Array, after: number, isWhole: boolean): boolean {
  for (let at = after; at < head.length; at += 1) {
    const byte = head[at];
    if (byte === newline) return true;
    // Another value follows in the same line, or a line end of another kind. Anything else is a damaged line.
    if (!isBlank(byte)) return !startsValue(byte);
  }
  return isWhole || after === head.length;
}

/** Bytes that may stand between values, or begin one. */
const startsValue = (byte: number | undefined) =>
  byte === openBrace ||
  byte === openBracket ||
  byte === comma ||
  byte === semicolon ||
  byte === recordSeparator ||
  byte === 0;

export const delimiters = ['\t', ';', ','];

/** Names that a header of reviews may have. */
const namesIn = (formats: readonly RecordFormat[]): string[] =>
  formats.flatMap(({ fields, withoutColumn }) => [
    ...Object.values(fields).flatMap((names) =>
      names.map((field) => comparableName(typeof field === 'string' ? field : field.votesOfAll)),
    ),
    ...withoutColumn.map(comparableName),
  ]);
const knownNames = new Set(namesIn(recordFormats));

/** Excel names the delimiter in a line before the header, and PowerShell a type. */
export const lineBeforeHeader = /^(sep=.|#TYPE [^\r\n]*)(?=[\r\n]|$)\s*/i;

/** A header has at least two names, and at least two of them are names of reviews. */
function tableIn(head: Uint8Array, begin: number, added: readonly RecordFormat[]): ContentKind | null {
  const text = Buffer.from(head.subarray(begin, begin + 8 * 1024)).toString('utf8');
  const [header = ''] = text.replace(lineBeforeHeader, '').split(/[\r\n]/, 1);
  const addedNames = namesIn(added);
  const candidates = delimiters.map((delimiter) => {
    const names = header.split(delimiter).map((name) => comparableName(name.replaceAll('"', '')));
    return {
      delimiter,
      names,
      known: names.filter((name) => knownNames.has(name) || addedNames.includes(name)).length,
    };
  });
  const [best] = candidates.sort((one, other) => other.known - one.known);
  if (best === undefined || best.known < 2) return null;
  // These formats are written without quotes, so a quote in a text means nothing.
  const isQuoted = !(best.delimiter === '\t' && best.names.includes('customerid'));
  return { kind: 'table', delimiter: best.delimiter, isQuoted };
}
