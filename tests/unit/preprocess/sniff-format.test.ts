import { describe, expect, it } from '@jest/globals';
import { sniffFormat } from '../../../functions/shared/sniff-format.ts';

describe('sniffing the format', () => {
  it.each([
    ['gzip', 'the gzip magic', [0x1f, 0x8b, 8, 0]],
    ['array', 'an opening bracket', [0x5b, 0x7b]],
    ['array', 'an opening bracket behind a byte order mark', [0xef, 0xbb, 0xbf, 0x5b]],
    ['lines', 'an opening brace and a quote', [0x7b, 0x22]],
    ['whole', 'an opening brace and a line end', [0x7b, 0x0a, 0x20, 0x22]],
    ['stream', 'text', [0x6f, 0x6b]],
    ['stream', 'UTF-16 with a mark', [0xff, 0xfe, 0x7b, 0]],
    ['stream', 'the zstd magic', [0x28, 0xb5, 0x2f, 0xfd]],
    ['lines', 'an object behind a byte order mark', [0xef, 0xbb, 0xbf, 0x7b, 0x20, 0x22]],
    ['array', 'an opening bracket behind blanks', [0x20, 0x0d, 0x0a, 0x09, 0x5b]],
    ['array', 'an opening bracket behind a byte order mark and a blank', [0xef, 0xbb, 0xbf, 0x0a, 0x5b]],
    ['lines', 'a bracket that is not the first', [0x7b, 0x5b]],
    ['stream', 'half of a byte order mark', [0xef, 0xbb, 0x5b]],
    ['stream', 'blanks alone', [0x20, 0x0a]],
    ['stream', 'half of the gzip magic', [0x1f]],
    ['lines', 'nothing', []],
  ])('takes for %s: %s', (format, _, bytes) => {
    expect(sniffFormat(Uint8Array.from(bytes), true)).toBe(format);
  });

  it.each([
    ['lines', 'values that end with their line', '{"a":{"b":[1]}}\n{"a":2}\n'],
    ['lines', 'one value', '{"a":1}'],
    ['lines', 'a first line that is cut off in a text', '{"a":"b\n{"a":2}\n'],
    ['lines', 'a first line with something behind its value', '{"a":1} x\n{"a":2}\n'],
    ['lines', 'Python', "{'a': 1}\n"],
    ['whole', 'a pretty-printed value', '{\n  "a": 1\n}\n'],
    ['whole', 'a value on two lines', '{"a": 1,\n"b": 2}\n'],
    ['whole', 'values without anything between them', '{"a":1}{"a":2}'],
    ['whole', 'values with commas between them', '{"a":1},\n{"a":2},\n'],
    ['whole', 'values with carriage returns between them', '{"a":1}\r{"a":2}\r'],
    ['whole', 'a header', 'reviewerID,asin,overall\nA,B,5\n'],
  ])('takes for %s: %s', (format, _, text) => {
    expect(sniffFormat(Buffer.from(text), true)).toBe(format);
  });

  it('takes for lines a first value that is longer than what is looked at', () => {
    expect(sniffFormat(Buffer.from(`{"a":"${'x'.repeat(100)}`), false)).toBe('lines');
  });
});
