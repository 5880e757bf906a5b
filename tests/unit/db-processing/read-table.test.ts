import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTable } from '../../../functions/db-processing/read-table.ts';
import { bytesOf, type Line } from '../../../functions/db-processing/split-lines.ts';

async function rowsOf(
  text: string,
  blockBytes: number,
  delimiter = ',',
  isQuoted = true,
  maxBytes = 1024 * 1024,
): Promise<Line[]> {
  const bytes = Buffer.from(text);
  async function* blocks() {
    for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes);
  }
  const rows: Line[] = [];
  for await (const some of readTable(blocks(), { delimiter, isQuoted }, maxBytes)) {
    // Rows are valid until the next are asked for.
    rows.push(...some.map((row) => ({ ...row, buffer: Buffer.from(bytesOf(row)), from: 0, to: row.to - row.from })));
  }
  return rows;
}

const quoted = (field: string, delimiter: string) =>
  /["\r\n]/.test(field) || field.includes(delimiter) || field.trim() !== field
    ? `"${field.replaceAll('"', '""')}"`
    : field;

describe('reading a table', () => {
  it('gives each row its fields by name and its own bytes, however it is quoted, ended and cut into blocks', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', ';', '\t', '\n', ' ', '😀', "'") });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(field, { minLength: 3, maxLength: 3 }), { maxLength: 6 }),
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 50 }),
        async (rows, delimiter, lineEnd, blockBytes) => {
          const full = rows.filter((row) => row.some((each) => each.trim() !== ''));
          const texts = full.map((row) => row.map((each) => quoted(each, delimiter)).join(delimiter));
          const header = ['reviewer_id', 'asin', 'review_text'].join(delimiter);
          const file = [header, ...texts].map((row) => row + lineEnd).join('');
          const read = await rowsOf(file, blockBytes, delimiter);
          expect(read.map(({ record }) => Object.values(record ?? {}))).toEqual(full);
          expect(read.map((row) => bytesOf(row).toString('utf8'))).toEqual(texts);
          for (const { offset, nextOffset } of read) {
            const slice = Buffer.from(file).subarray(offset, nextOffset).toString('utf8');
            expect(texts).toContain(slice.replace(/\r?\n$/, ''));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('lets a lone quote stand where nothing is quoted', async () => {
    const rows = await rowsOf('customer_id\tproduct_id\treview_body\n1\t2\t"Great\n3\t4\tok\n', 7, '\t', false);
    expect(rows.map(({ record }) => record?.review_body)).toEqual(['"Great', 'ok']);
  });

  it('keeps a row that is too short, and gives none that is too long', async () => {
    const rows = await rowsOf('reviewer_id,asin\nA,B,extra\nC\n', 4);
    expect(rows.map(({ record, reason }) => record ?? reason)).toEqual(['malformed-row', { reviewer_id: 'C' }]);
  });

  it('loses no byte of any file, and finds the same rows in blocks of every size', async () => {
    const some = fc.string({
      unit: fc.constantFrom('a', '"', '"', ',', '\\', '\n', '\r', ' ', '\t', 'é'),
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        some,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.constantFrom(',', '\t'),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        async (rest, lineEnd, delimiter, isQuoted, blockBytes) => {
          // A line feed here would belong to the header.
          const text = `x${rest}`;
          const header = `a${delimiter}b${lineEnd}`;
          const whole = await rowsOf(header + text, 1000, delimiter, isQuoted);
          let next = header.length;
          for (const { offset, nextOffset } of whole) {
            expect(offset).toBe(next);
            next = nextOffset;
          }
          expect(next).toBe(Buffer.byteLength(header + text));
          const inBlocks = await rowsOf(header + text, blockBytes, delimiter, isQuoted);
          const seen = (rows: Line[]) =>
            rows.map((row) => [row.offset, row.nextOffset, bytesOf(row).toString(), row.record, row.reason]);
          expect(seen(inBlocks)).toEqual(seen(whole));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps the beginning of a row that is too long, and the rows around it', async () => {
    const maxBytes = 5000;
    const part = fc.constantFrom('x'.repeat(2500), 'x""x', 'a,b', 'line\nline', 'é', ' ');
    const long = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => `L,"${parts.join('')}"`);
    const plain = fc.integer({ min: 1, max: 20_000 }).map((length) => `P,${'y'.repeat(length)}`);
    const blockBytes = fc.integer({ min: 50, max: 9000 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(long, plain), { maxLength: 8 }), blockBytes, async (texts, size) => {
        const file = ['name,text', ...texts].map((row) => `${row}\r\n`).join('');
        const rows = await rowsOf(file, size, ',', true, maxBytes);
        const isLong = (text: string) => Buffer.byteLength(text) > maxBytes;
        expect(rows.map(({ tooLong, record }) => [tooLong, record?.name])).toEqual(
          texts.map((text) => [isLong(text), isLong(text) ? undefined : text[0]]),
        );
        const kept = texts.map((text) => Buffer.from(text).subarray(0, isLong(text) ? 4096 : maxBytes));
        expect(rows.map((row) => bytesOf(row).toString('latin1'))).toEqual(kept.map((each) => each.toString('latin1')));
        expect(rows.at(-1)?.nextOffset ?? 0).toBe(texts.length > 0 ? Buffer.byteLength(file) : 0);
      }),
      { numRuns: 300 },
    );
  });
});
