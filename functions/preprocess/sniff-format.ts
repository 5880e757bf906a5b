import type { SourceFormat } from '../shared/contract.ts';

/** Bytes that the decision needs: a byte order mark and one more. */
export const sniffBytes = 4;

/**
 * What a source is, by its first bytes and never by its name: the gzip magic, `[` (behind a UTF-8 byte order mark, if
 * there is one), or else lines. Nothing is skipped beyond that: a JSON array begins where the file begins.
 */
export function sniffFormat(head: Uint8Array): SourceFormat {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const first = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head[3] : head[0];
  return first === 0x5b ? 'array' : 'lines';
}
