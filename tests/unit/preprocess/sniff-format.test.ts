import { describe, expect, it } from '@jest/globals';
import { sniffFormat } from '../../../functions/preprocess/sniff-format.ts';

describe('sniffing the format', () => {
  it.each([
    ['gzip', 'the gzip magic', [0x1f, 0x8b, 8, 0]],
    ['array', 'an opening bracket', [0x5b, 0x7b]],
    ['array', 'an opening bracket behind a byte order mark', [0xef, 0xbb, 0xbf, 0x5b]],
    ['lines', 'an opening brace', [0x7b, 0x22]],
    ['lines', 'an opening brace behind a byte order mark', [0xef, 0xbb, 0xbf, 0x7b]],
    ['array', 'an opening bracket behind blanks', [0x20, 0x0d, 0x0a, 0x09, 0x5b]],
    ['array', 'an opening bracket behind a byte order mark and a blank', [0xef, 0xbb, 0xbf, 0x0a, 0x5b]],
    ['lines', 'a bracket that is not the first', [0x7b, 0x5b]],
    ['lines', 'half of a byte order mark', [0xef, 0xbb, 0x5b]],
    ['lines', 'blanks alone', [0x20, 0x0a]],
    ['lines', 'half of the gzip magic', [0x1f]],
    ['lines', 'nothing', []],
  ])('takes for %s: %s', (format, _, bytes) => {
    expect(sniffFormat(Uint8Array.from(bytes))).toBe(format);
  });
});
