import type { SourceFormat } from '../shared/contract.ts';

/** Bytes that the decision is made on. */
export const sniffBytes = 256;

/**
 * How a source can be cut, by its first bytes and never by its name. Only what begins like plain JSON lines (`{"`, behind a
 * UTF-8 byte order mark and blanks, if there are any) is `lines`. DB-processing looks again at everything else.
 */
export function sniffFormat(head: Uint8Array): SourceFormat {
  if (head.length === 0) return 'lines';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const text = Buffer.from(head.subarray(hasMark ? 3 : 0)).toString('latin1');
  const first = /[^ \t\r\n]/.exec(text);
  if (first?.[0] === '[') return 'array';
  // A line end after the brace is how pretty-printed values begin.
  return /^[ \t\r\n]*\{[ \t]*"/.test(text) ? 'lines' : 'whole';
}
