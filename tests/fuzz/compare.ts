// What the product made of a file, held against what each line must become.
import { isDeepStrictEqual } from 'node:util';
import { expectedRow, type Row } from './expected-row.ts';
import type { Ingested } from './ingest-file.ts';

const isBlank = (bytes: Buffer) => /^[ \t\r]*$/.test(bytes.toString('latin1'));

/** `lines`: bytes without newline, by offset, or by ordinal in an array, where none is blank. @throws {Error} at the first difference */
export function compare(lines: ReadonlyMap<number, Buffer>, ingested: Ingested, blanks: 'blanks' | 'no blanks'): void {
  let rows = 0;
  let blank = 0;
  for (const [offset, bytes] of lines) {
    if (blanks === 'blanks' && isBlank(bytes)) {
      blank += 1;
      continue;
    }
    const expected = expectedRow(bytes);
    const found = ingested.rows.get(offset);
    const line = () => `${offset}: ${JSON.stringify(bytes.toString('latin1')).slice(0, 600)}`;
    if (expected === null && found !== undefined) throw new Error(`accepts the line at ${line()}`);
    if (expected === null) {
      if (!ingested.rejected.has(offset)) throw new Error(`does not know the line at ${line()}`);
      continue;
    }
    if (found === undefined) throw new Error(`${ingested.rejected.get(offset) ?? 'loses'}: the line at ${line()}`);
    compareRows(expected, found, line);
    rows += 1;
  }
  const { totals } = ingested;
  const seen = [ingested.rows.size, totals.inserted, totals.lines, totals.blank, totals.rejected];
  const expected = [rows, rows, lines.size, blank, lines.size - rows - blank];
  if (!isDeepStrictEqual(seen, expected)) throw new Error(`counts ${seen} and not ${expected}`);
}

function compareRows(expected: Row, found: Row, line: () => string): void {
  const unknown = Object.keys(found).filter((column) => !(column in expected));
  if (unknown.length > 0) throw new Error(`fills ${unknown}`);
  for (const [column, value] of Object.entries(expected)) {
    if (!isDeepStrictEqual(value, found[column] ?? null)) {
      throw new Error(`${column} is ${show(found[column])} and not ${show(value)} in the line at ${line()}`);
    }
  }
}

const show = (value: unknown = null) =>
  JSON.stringify(value, (_name, inner) => (inner instanceof Map ? Object.fromEntries(inner) : inner)).slice(0, 300);
