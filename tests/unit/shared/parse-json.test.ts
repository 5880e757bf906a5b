import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../../functions/shared/parse-json.ts';

// Each pair: a text whose name poisons V8's cache, and a text that plain JSON.parse then reads wrongly.
const pairs: [string, string, unknown][] = [
  [
    String.raw`{"Size:":"L","Gr\\u00":"y"}`,
    String.raw`{"Size:":"L","Gr\u00f6\u00dfe:":"x"}`,
    { 'Size:': 'L', 'Größe:': 'x' },
  ],
  [String.raw`{"Format\\u":"x"}`, String.raw`{"Format\u00ae:":"x"}`, { 'Format®:': 'x' }],
  [
    String.raw`{"A:":"L","B:":"M","5\\":"y"}`,
    String.raw`{"A:":"L","B:":"M","5\"":"y"}`,
    { 'A:': 'L', 'B:': 'M', '5"': 'y' },
  ],
  [
    String.raw`{"asin":"B","revi\\u0065":"first"}`,
    String.raw`{"asin":"B","revi\u0065wText":"second"}`,
    { asin: 'B', reviewText: 'second' },
  ],
];

describe('parsing JSON that others wrote', () => {
  it.each(pairs)('reads %s and then the names of %s as they are written', (first, second, value) => {
    for (let round = 0; round < 2_000; round += 1) parseJson('{"Size:":"L","Color:":"x\\ty"}');
    parseJson(first);
    expect(parseJson(second)).toEqual(value);
  });

  it('reads an escaped name right after the same raw beginning in one text', () => {
    expect(parseJson(String.raw`[{"q\\u":1},{"q\u00e9x":2}]`)).toEqual([{ 'q\\u': 1 }, { qéx: 2 }]);
  });

  it('guards against a defect that this Node still has', () => {
    // When this fails, Node reads the name right by itself, and the guard can go.
    JSON.parse(String.raw`{"item":"B","revi\\u0065":"first"}`);
    const read = JSON.parse(String.raw`{"item":"B","revi\u0065wText":"second"}`);
    expect(read).not.toEqual({ item: 'B', reviewText: 'second' });
  });

  it('gives what was written for any value with any names, again and again', () => {
    const name = fc.string({ unit: fc.constantFrom('\\', '"', 'u', '0', '6', 'é', ':', ' ', 'a', '\uf8ff') });
    const value = fc.dictionary(
      name,
      fc.oneof(fc.string(), fc.dictionary(name, fc.boolean()), fc.array(fc.dictionary(name, fc.nat()))),
    );
    fc.assert(
      fc.property(value, fc.boolean(), (written, isEscaped) => {
        const text = JSON.stringify(written);
        // As writers do that keep to ASCII.
        const ascii = text.replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
        expect(parseJson(isEscaped ? ascii : text)).toEqual(written);
      }),
      { numRuns: 3_000 },
    );
  });

  it('keeps the order of names, the last of two equal ones, and __proto__ as a name', () => {
    const text = String.raw`{"b":1,"\u0061":2,"__proto__":{"x":1},"\u0062":3,"c\\":4}`;
    const parsed = parseJson(text) as object;
    expect(Object.keys(parsed)).toEqual(['b', 'a', '__proto__', 'c\\']);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(JSON.stringify(parsed)).toBe(String.raw`{"b":3,"a":2,"__proto__":{"x":1},"c\\":4}`);
  });

  it.each([
    [String.raw`{"\u0061":1,"a":2}`, { a: 2 }],
    [String.raw`{"a":1,"\u0061":2}`, { a: 2 }],
    [String.raw`{"a":1,"\u0061":2,"b":{"a":3,"\u0061":4,"a":5},"a":6}`, { a: 6, b: { a: 5 } }],
  ])('takes the last of equal names, one of them with an escape: %s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it('restores the names of very many objects', () => {
    const items = 300_000;
    const text = String.raw`{"\u0061":[${'{},'.repeat(items)}{"\u0062":1}]}`;
    expect(parseJson(text)).toHaveProperty(['a', `${items}`], { b: 1 });
  });

  it('restores a name at any depth', () => {
    const depth = 50_000;
    let value = parseJson(`${'[{"\\u0061":'.repeat(depth)}1${'}]'.repeat(depth)}`);
    for (let level = 0; level < depth; level += 1) value = (value as { a: unknown }[])[0]?.a;
    expect(value).toBe(1);
  });

  it('takes one pass, however many backslashes a text has', () => {
    const text = JSON.stringify({ text: '\n'.repeat(500_000), '\n': 1 });
    const begun = performance.now();
    expect(parseJson(text)).toHaveProperty(['\n'], 1);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it('throws as JSON.parse does', () => {
    for (const text of ['', '{', '"\\', '{"a\\":', '{"\\u00":1}']) expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
