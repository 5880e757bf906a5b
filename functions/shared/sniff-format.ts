import type { SourceFormat } from './contract.ts';
import { recognizeBytes, recognizeContent } from './recognize-content.ts';

/** Bytes that the decision is made on. */
export const sniffBytes = recognizeBytes;

/**
 * How a source can be cut, by its first bytes and never by its name. Only JSON lines are cut by byte range. DB-processing looks again at
 * everything else. `isWhole`: nothing follows `head`. What begins neither with JSON nor as a table is a stream: zstd, UTF-16, lines
 * behind a comment, a format to refuse, or text that is no JSON.
 */
export function sniffFormat(head: Uint8Array, isWhole: boolean): SourceFormat {
  if (head.length === 0) return 'lines';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const { kind } = recognizeContent(head, isWhole);
  if (kind === 'array') return 'array';
  if (kind !== 'lines') return 'whole';
  return looksLikeJson(head) ? 'lines' : 'stream';
}

const looksLikeJson = (head: Uint8Array) => /^(\u00ef\u00bb\u00bf)?\s*\{/.test(Buffer.from(head).toString('latin1'));
