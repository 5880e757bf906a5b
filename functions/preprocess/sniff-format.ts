import type { SourceFormat } from '../shared/contract.ts';

/** Bytes that the decision is made on. */
export const sniffBytes = 256;

/**
 * What a source is, by its first bytes and never by its name: the gzip magic, or `[` (behind a UTF-8 byte order mark and
 * blanks, if there are any), or else lines.
 */
export function sniffFormat(head: Uint8Array): SourceFormat {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const first = head.subarray(hasMark ? 3 : 0).find((byte) => !isBlank(byte));
  return first === 0x5b ? 'array' : 'lines';
}

const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
