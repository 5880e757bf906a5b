import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOf, type Line } from '../../../functions/db-processing/split-lines.ts';
import { createValueSplitter, type ValueSplitterSettings } from '../../../functions/db-processing/split-values.ts';
import { valuesInLine } from '../../../functions/db-processing/values-in-lines.ts';
import { InvalidInputError } from '../../../functions/shared/errors.ts';

/** The values that a splitter finds when the bytes come in blocks of these sizes. */
const split = (bytes: Buffer, blockBytes: number[], maxBytes?: number): Line[] =>
  splitAs(maxBytes === undefined ? {} : { maxBytes }, bytes, blockBytes);

function splitAs(settings: ValueSplitterSettings, bytes: Buffer, blockBytes: number[]): Line[] {
  const splitter = createValueSplitter(settings);
  const lines: Line[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = blockBytes[turn % blockBytes.length] ?? bytes.length;
    lines.push(...splitter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...lines, ...splitter.end()];
}

const attempt = (make: () => Line[]) => {
  try {
    return make().map(({ offset, nextOffset, tooLong, ...line }) => ({
      offset,
      nextOffset,
      tooLong,
      text: textOf({ offset, nextOffset, tooLong, ...line }),
    }));
  } catch (error) {
    return (error as Error).message;
  }
};
const textOf = (line: Line) => bytesOf(line).toString('utf8');
const blocks = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const value = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 4 });
const separator = fc.constantFrom('\n', '\r\n', '\r', ' ', ',', ',\n', '\u001e', '\n\u001e', '', '\n\n', '\n\ufeff');
const indent = fc.constantFrom(0, 2, '\t');

describe('splitting values', () => {
  it('gives each value as it is written, with anything between values, and any indentation or block size', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, separator, indent), { maxLength: 8 }), blocks, (written, sizes) => {
        const texts = written.map(([each, , space]) => JSON.stringify(each, null, space));
        const file = texts.map((text, index) => text + (written[index]?.[1] ?? '')).join('');
        const lines = split(Buffer.from(file), sizes);
        expect(lines.map(textOf)).toEqual(texts);
        const offsets = lines.map(({ offset }) => offset);
        expect(offsets).toEqual([...offsets].sort((one, other) => one - other));
        expect(new Set(offsets).size).toBe(offsets.length);
      }),
      { numRuns: 500 },
    );
  });

  const arrays = fc.array(fc.tuple(fc.boolean(), fc.array(value, { maxLength: 4 }), separator), { maxLength: 5 });
  it('gives the elements of arrays between values, with anything between them', () => {
    fc.assert(
      fc.property(arrays, fc.constantFrom('', ' ', '\n', '\r\n\t'), indent, blocks, (written, blank, space, sizes) => {
        const texts = written.map(([, each]) => each.map((one) => JSON.stringify(one, null, space)));
        const file = texts
          .map((each, index) => {
            const [isArray, , after] = written[index] as (typeof written)[number];
            const inside = each.join(isArray ? `${blank},${blank}` : after);
            return isArray ? `${blank}[${blank}${inside}${blank}]${after}` : inside + after;
          })
          .join('');
        const lines = split(Buffer.from(file), sizes);
        expect(lines.map((line) => textOf(line).trimEnd())).toEqual(texts.flat());
        const offsets = lines.map(({ offset }) => offset);
        expect(new Set(offsets).size).toBe(offsets.length);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the elements of an array that is a file, wherever line ends stand in them', () => {
    const spaced = fc.constantFrom('', ' ', '\n', '\n\n  ', '\r\n');
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), spaced, spaced, blocks, (written, one, other, sizes) => {
        const texts = written.map((each) => {
          const compact = JSON.stringify({ ...each, inner: { list: [each, 1] } });
          // Between texts, line ends may stand next to each of these.
          return compact.replaceAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g, (token) => `${one}${token}${other}`).trim();
        });
        const lines = splitAs({ isArray: true }, Buffer.from(`[${texts.join(',')}]`), sizes);
        expect(lines.map((line) => textOf(line).trimEnd())).toEqual(texts);
      }),
      { numRuns: 300 },
    );
  });

  const pieces = fc.array(
    fc.constantFrom(
      ...'{}[]",:\\/\n\r \t1x\u001e\0'.split(''),
      '{"a":1}',
      '{"a":"b\n',
      '// x ]\n',
      'x'.repeat(3_000),
      '\n{ "a":',
      'true',
      '\ufeff',
    ),
    { maxLength: 40 },
  );
  it('gives the same of any bytes, in each block size, with offsets that grow', () => {
    fc.assert(
      fc.property(pieces, blocks, fc.boolean(), fc.constantFrom(5_000, 100_000), (parts, sizes, isArray, maxBytes) => {
        const bytes = Buffer.from(parts.join(''));
        const whole = attempt(() => splitAs({ isArray, maxBytes }, bytes, [bytes.length || 1]));
        const cut = attempt(() => splitAs({ isArray, maxBytes }, bytes, sizes));
        expect(cut).toEqual(whole);
        if (typeof whole === 'string') return;
        for (const [index, { offset, nextOffset }] of whole.entries()) {
          expect(nextOffset).toBeGreaterThan(offset);
          expect(offset).toBeGreaterThanOrEqual(whole[index - 1]?.nextOffset ?? 0);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives a value in a line of JSON lines the offset of its line', () => {
    const file = '{"a":1}\n  {"a":2}\n\ufeff{"a":3}\n{"a":4}{"a":5}\n';
    const offsets = split(Buffer.from(file), [3]).map(({ offset }) => offset);
    const starts = [0, 8, 18, 29, 36];
    expect(offsets).toEqual(starts);
  });

  it('loses no whole value to one that is cut off, in a text or between them', () => {
    const whole = fc.record({ a: fc.string(), b: fc.nat() }).map((each) => JSON.stringify(each));
    fc.assert(
      fc.property(
        whole,
        fc.array(whole, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        blocks,
        (damaged, good, where, sizes) => {
          const cut = damaged.slice(0, 1 + (where % (damaged.length - 1)));
          const lines = split(Buffer.from(`${cut}\n${good.join('\n')}\n`), sizes).map(textOf);
          expect(lines.slice(1)).toEqual(good);
          expect(lines[0]?.trimEnd()).toBe(cut.trimEnd());
        },
      ),
      { numRuns: 500 },
    );
  });

  it('loses no value over indented lines to one of these that is cut off anywhere', () => {
    const inner = fc.record({ b: fc.string(), c: fc.array(fc.record({ d: fc.nat() }), { maxLength: 2 }) });
    const whole = fc
      .record({ a: fc.string(), inner, list: fc.array(fc.oneof(fc.nat(), inner), { maxLength: 3 }) })
      .map((each) => JSON.stringify(each, null, 2));
    fc.assert(
      fc.property(
        whole,
        fc.array(whole, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        blocks,
        (damaged, good, where, sizes) => {
          const cut = damaged.slice(0, 1 + (where % (damaged.length - 1)));
          const lines = split(Buffer.from(`${good[0]}\n${cut}\n${good.join('\n')}\n`), sizes).map(textOf);
          expect(lines[0]).toBe(good[0]);
          expect(lines.slice(-good.length)).toEqual(good);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses what is nested deeper than any line can be', () => {
    expect(() => split(Buffer.alloc(2 * 1024 * 1024 + 2, '['), [65_536])).toThrow(InvalidInputError);
  });

  it('gives junk line by line', () => {
    const lines = split(Buffer.from('// a comment\n{"a":1}\nnull\n{"a":2} x\n{"a":3}\n'), [5]);
    expect(lines.map(textOf)).toEqual(['// a comment', '{"a":1}', 'null', '{"a":2}', 'x', '{"a":3}']);
  });

  it('keeps the beginning of a value that is too long, and what comes after it', () => {
    const long = JSON.stringify({ text: 'x'.repeat(20_000) });
    const lines = split(Buffer.from(`{"a":1}${long}{"a":2}`), [700], 10_000);
    expect(lines.map(({ tooLong }) => tooLong)).toEqual([false, true, false]);
    expect(textOf(lines[1] as Line)).toBe(long.slice(0, 4096));
    expect(lines[2]).toMatchObject({ offset: 7 + long.length, nextOffset: 14 + long.length });
  });

  it('does not end on deep nesting', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const lines = split(Buffer.from(`{"a":${deep}}\n{"a":1}`), [65_536]);
    expect(lines).toHaveLength(2);
  });

  it('finds several values in a line, and none in text', () => {
    expect(valuesInLine(Buffer.from(' {"a":1},{"a":2}'), 100).map(({ offset }) => offset)).toEqual([100, 109]);
    expect(valuesInLine(Buffer.from('nothing'), 100).map(textOf)).toEqual(['nothing']);
  });
});
