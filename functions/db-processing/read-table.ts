// Reads the rows of a table with a header: CSV, TSV, or with semicolons. Each row is a record of names and strings.
import { parse } from 'csv-parse/sync';
import { InvalidInputError } from '../shared/errors.ts';
import { lineBeforeHeader } from '../shared/recognize-content.ts';
import { bytesOf, type Line } from './split-lines.ts';
import { createRowSplitter, type Row } from './split-rows.ts';
import { headerOf } from './table-header.ts';
import { fieldsOfOwnTable, isOwnTableInTabs, type OwnTable, type TableForm } from './unescape-batch.ts';

/** Rows per call of the library. A block may hold very many rows. */
const rowsAtOnce = 500;

/**
 * A row's offset is that of its first byte. Its bytes come along for the rejected records. The header and the lines before
 * it are not rows. A row without any value is blank. Rows are valid until the caller asks for the next ones.
 * @throws {InvalidInputError} if the header is damaged, or if a quote is not closed and its row is over `maxBytes`
 */
export async function* readTable(
  blocks: AsyncIterable<Buffer>,
  form: TableForm,
  maxBytes: number,
): AsyncGenerator<Line[], void, undefined> {
  const splitter = createRowSplitter(form, maxBytes);
  let names: readonly string[] | null = null;
  let own: OwnTable | null = null;
  const valuesOf = (rows: readonly Row[]) => {
    const values = fieldsOfRows(rows, form);
    const ownTable = own;
    if (ownTable === null) return values;
    return values.map((fields, index) => fieldsOfOwnTable(rows[index] as Row, fields, ownTable));
  };
  const linesOf = (rows: readonly Row[]): Line[] => {
    const values = valuesOf(rows);
    return rows.map((row, index) => lineOf(row, names ?? [], values[index] ?? null));
  };
  function* linesIn(rows: Iterable<Row>): Generator<Line[], void, undefined> {
    let found: Row[] = [];
    for (const row of rows) {
      if (names !== null) found.push(row);
      else if (!isBeforeHeader(row)) {
        const header = headerOf(fieldsOf(row, form));
        names = header.names;
        if (isOwnTableInTabs(form, names)) own = { fields: header.fields, quotesNames: row.isQuoted };
        splitter.expectFields(names.length, header.fields);
      }
      if (found.length < rowsAtOnce) continue;
      yield linesOf(found);
      found = [];
    }
    yield linesOf(found);
  }
  for await (const block of blocks) yield* linesIn(splitter.push(block));
  yield* linesIn(splitter.end());
}

function isBeforeHeader(row: Row): boolean {
  const text = bytesOf(row).toString('utf8');
  return text.trim() === '' || lineBeforeHeader.test(text);
}

function fieldsOf(row: Row, form: TableForm): string[] {
  const [fields] = fieldsOfRows([row], form);
  if (!fields)
    throw new InvalidInputError('table: the header is damaged: it is too long, or a quote in it is not closed');
  return fields;
}

/** The fields of each row, or null if they cannot be read. */
function fieldsOfRows(rows: readonly Row[], { delimiter }: TableForm): (string[] | null)[] {
  const quoted = rows.filter((row) => row.isQuoted && row.bounds === null && isReadable(row));
  const records = readQuoted(quoted, delimiter);
  let next = 0;
  return rows.map((row) => {
    if (!isReadable(row)) return null;
    if (row.isQuoted) return row.bounds === null ? (records[next++] ?? null) : fieldsAt(row, row.bounds);
    return row.buffer.toString('utf8', row.from, row.to).split(delimiter);
  });
}

const isReadable = ({ tooLong, reason }: Row) => !tooLong && reason === undefined;

/** The fields of a row that needs no library: it has no quotes inside of fields. */
function fieldsAt({ buffer, from, to }: Row, bounds: readonly number[]): string[] {
  const text = buffer.toString('utf8', from, to);
  const isAscii = text.length === to - from;
  const fields: string[] = [];
  for (let index = 0; index < bounds.length; index += 2) {
    const [first = 0, last = 0] = [bounds[index], bounds[index + 1]];
    fields.push(isAscii ? text.slice(first, last) : buffer.toString('utf8', from + first, from + last));
  }
  return fields;
}

const lineEnd = Buffer.from('\n');

/** A call for many rows costs little more than one for a single row. */
function readQuoted(rows: readonly Row[], delimiter: string): (string[] | null)[] {
  if (rows.length === 0) return [];
  const text = Buffer.concat(rows.flatMap((row) => [row.repaired ?? bytesOf(row), lineEnd]));
  const records = recordsIn(text, delimiter);
  if (records?.length === rows.length) return records;
  // The library found other rows, so one of these is damaged. Read them one by one, so that it costs no other row.
  if (rows.length === 1) return [null];
  return rows.flatMap((row) => readQuoted([row], delimiter));
}

function recordsIn(text: Buffer, delimiter: string): string[][] | null {
  try {
    return parse(text, { delimiter, record_delimiter: '\n', relax_quotes: true, relax_column_count: true });
  } catch {
    return null;
  }
}

function lineOf(row: Row, names: readonly string[], values: string[] | null): Line {
  if (values === null) return isReadable(row) ? { ...row, reason: 'malformed-row' } : row;
  // Spreadsheets write rows that have only delimiters.
  if (values.every((value) => value.trim() === '')) return { ...row, to: row.from, record: {} };
  const isTooLong = values.slice(names.length).some((value) => value.trim() !== '');
  const isCutOff = row.mayBePiece && values.length < names.length;
  if (isTooLong || isCutOff) return { ...row, reason: 'malformed-row' };
  const record = recordOf(names, values);
  const { offset, nextOffset, buffer, from, to, tooLong, openEnd } = row;
  return { offset, nextOffset, buffer, from, to, tooLong, openEnd, record };
}

/** A row may have fewer fields than the header. A place without a name and without a value is no field. */
function recordOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  const count = Math.min(names.length, values.length);
  for (let index = 0; index < count; index += 1) {
    const name = names[index] as string;
    const value = values[index] as string;
    if (name === '__proto__') Object.defineProperty(record, name, { value, enumerable: true });
    else if (name !== '' || value !== '') record[name] = value;
  }
  return record;
}
