import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTable } from '../../../functions/db-processing/read-table.ts';
import { bytesOf, type Line } from '../../../functions/db-processing/split-lines.ts';

async function rowsOf(text: string, blockBytes: number, delimiter = ',', isQuoted = true): Promise<Line[]> {
  const bytes = Buffer.from(text);
  async function* blocks() {
    for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes);
  }
  const rows: Line[] = [];
  for await (const some of readTable(blocks(), { delimiter, isQuoted }, 1024 * 1024)) rows.push(...some);
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
          const full = rows.filter((row) => row.some((each) => each !== ''));
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

  it('keeps fields without a name, and a row that is too short', async () => {
    const rows = await rowsOf('reviewer_id,asin\nA,B,extra\nC\n', 4);
    expect(rows.map(({ record }) => record)).toEqual([
      { reviewer_id: 'A', asin: 'B', 'column 3': 'extra' },
      { reviewer_id: 'C' },
    ]);
  });

  it('fails a file with a quoted field that does not end', async () => {
    await expect(rowsOf('a,b\n1,"2\n3,4\n', 5)).rejects.toMatchObject({ name: 'InvalidInputError' });
  });
});
