import { describe, expect, it } from '@jest/globals';
import { counted, printable, printableJson, printableUpTo } from '../../../operations/printable.ts';

const esc = String.fromCharCode(27);
const bell = String.fromCharCode(7);
const csi = String.fromCharCode(0x9b);
const rightToLeft = String.fromCharCode(0x202e);

describe('text that a terminal shows', () => {
  it('holds no code that the terminal would obey', () => {
    expect(printable(`${esc}[2J${esc}]0;title${bell}`)).toBe('\\u001b[2J\\u001b]0;title\\u0007');
    expect(printable(`a\r\nb\tc${csi}1m`)).toBe('a\\u000d\\u000ab\\u0009c\\u009b1m');
    expect(printable(`gpj.${rightToLeft}exe`)).toBe('gpj.\\u202eexe');
  });

  it('keeps what people write', () => {
    expect(printable('Ünïcødé 日本 👍 "quoted" $1')).toBe('Ünïcødé 日本 👍 "quoted" $1');
  });

  it('shows a lone surrogate, and tells an escape of the file from one that was made here', () => {
    expect(printable('\ud800')).toBe('\\ud800');
    expect(printable('\\u001b')).toBe('\\\\u001b');
  });

  it('is cut by characters, never through one', () => {
    expect(printableUpTo('👍👍👍', 2)).toBe('👍👍…');
    expect(printableUpTo('👍👍', 2)).toBe('👍👍');
    expect(printableUpTo('x'.repeat(1_000), 3)).toBe('xxx…');
  });

  it('reads as the same JSON', () => {
    const value = { a: `${csi}${rightToLeft}${esc}\n\\ud83d`, b: ['👍'] };
    for (const indent of [undefined, 2]) {
      const text = printableJson(value, indent);
      expect(JSON.parse(text)).toEqual(value);
      for (const code of [esc, csi, rightToLeft]) expect(text).not.toContain(code);
    }
  });

  it('counts with a noun', () => {
    expect([0, 1, 1_000].map((count) => counted(count, 'row'))).toEqual(['0 rows', '1 row', '1,000 rows']);
  });
});
