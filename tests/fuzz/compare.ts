// What the product made of a file, held against what each line must become.
import { isDeepStrictEqual } from 'node:util';
import { type ExpectedRow, expectedRow, type Row } from './expected-row.ts';
import type { Ingested } from './ingest-file.ts';

const isBlank = (bytes: Buffer) => bytes.toString('utf8').replaceAll('\0', '').replaceAll('\u001a', '').trim() === '';

/**
 * `lines`: bytes without newline, by offset, or by ordinal in an array, where none is blank.
 * @returns how many rows were compared value by value. @throws {Error} at the first difference
 */
export function compare(
  lines: ReadonlyMap<number, Buffer>,
  { rows, rejected, totals }: Ingested,
  kind: 'blanks' | 'no blanks',
): number {
  const places = [...rows.keys(), ...rejected.keys()].sort((one, other) => one - other);
  let compared = 0;
  let accounted = 0;
  let next = 0;
  for (const [offset, bytes] of lines) {
    const line = () => `${offset}: ${JSON.stringify(bytes.toString('latin1')).slice(0, 600)}`;
    // In an array every element has an ordinal and no bytes behind it.
    const end = offset + (kind === 'blanks' ? Math.max(1, bytes.length) : 1);
    const first = next;
    while (next < places.length && (places[next] as number) < end) next += 1;
    const own = places.slice(first, next);
    accounted += own.length;
    if (kind === 'blanks' && isBlank(bytes)) {
      if (own.length > 0) throw new Error(`does not see that it is blank: the line at ${line()}`);
      continue;
    }
    const expected = expectedRow(bytes);
    if (expected === 'open') {
      if (own.length === 0) throw new Error(`does not know the line at ${line()}`);
      continue;
    }
    if (own.length !== 1 || own[0] !== offset) throw new Error(`finds records at ${own} in the line at ${line()}`);
    const found = rows.get(offset);
    if (expected === null && found !== undefined) throw new Error(`accepts the line at ${line()}`);
    if (expected === null) continue;
    if (found === undefined) throw new Error(`${rejected.get(offset)}: the line at ${line()}`);
    compareRows(expected, found, line);
    compared += 1;
  }
  const blank = kind === 'blanks' ? [...lines.values()].filter(isBlank).length : 0;
  const seen = [accounted, totals.inserted, totals.rejected, totals.blank, totals.lines];
  const counted = [places.length, rows.size, rejected.size, blank, places.length + blank];
  if (!isDeepStrictEqual(seen, counted)) throw new Error(`counts ${seen} and not ${counted}`);
  return compared;
}

function compareRows(expected: ExpectedRow, found: Row, line: () => string): void {
  for (const [column, value] of Object.entries(expected)) {
    if (!isDeepStrictEqual(value, found[column] ?? null)) {
      throw new Error(`${column} is ${show(found[column])} and not ${show(value)} in the line at ${line()}`);
    }
  }
}

const show = (value: unknown = null) =>
  JSON.stringify(value, (_name, inner) => (inner instanceof Map ? Object.fromEntries(inner) : inner)).slice(0, 300);
