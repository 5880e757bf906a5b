// Tables for the campaign: each format that people have as a table, in the ways in which tools write one. All values are texts.
import { pick } from '../reviews/made-text.ts';
import { type Content, createTally, type Maker, madeRecords, plantedText } from './made-content.ts';
import {
  bookCrossing,
  customerReview,
  kaggleReview,
  type MakeTableRecord,
  ofFrame,
  ofTexts,
  ownRow,
  type TableRecord,
} from './made-table-records.ts';

interface TableForm {
  separator: string;
  /** `null`: what the database has no value for. */
  write: (value: string | null) => string;
  lineEnd: string;
  /** What stands before the header. */
  before?: string;
}

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
/** Quotes where a program for CSV needs them. */
const quotedIfNeeded = (separator: string) => (value: string) =>
  /["\r\n]/.test(value) || value.includes(separator) ? quoted(value) : value;
/** As Spark and MySQL write quotes. */
const escaped = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const batchEscapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' };
/** As `mysql --batch` writes a value: without quotes. */
const inBatch = (value: string) => value.replaceAll(/[\\\t\n\0]/g, (found) => batchEscapes[found] ?? found);

const orNull =
  (write: (value: string) => string, nothing: string) =>
  (value: string | null): string =>
    value === null ? nothing : write(value);

/** Rows without a value and rows with one value too many stand between the others. */
function makeTable(records: TableRecord[], form: TableForm, random: () => number): Content {
  const { separator, write, lineEnd, before = '' } = form;
  const tally = createTally();
  let table = before;
  const offset = () => Buffer.byteLength(table);
  const names = Object.keys(records[0]?.values ?? {});
  table += names.map(write).join(separator) + lineEnd;
  for (const [index, { values, ...becomes }] of records.entries()) {
    const row = Object.values(values).map(write).join(separator) + lineEnd;
    if (index > 0 && random() < 0.02) {
      tally.blank();
      table += separator.repeat(names.length - 1) + lineEnd;
    }
    if (index > 0 && random() < 0.02) {
      tally.rejected();
      table += names.map(() => 'x').join(separator) + separator + plantedText + lineEnd;
    }
    tally.record(offset(), { record: values, ...becomes });
    table += row;
  }
  return { body: Buffer.from(table), truth: tally.truth() };
}

const lineEnds = ['\n', '\r\n', '\r'];

/** A row's place is its first byte. The header is no row. */
const tableOf =
  (makeRecord: MakeTableRecord, form: (random: () => number) => TableForm): Maker =>
  (first, count, random) => {
    const records = [...madeRecords(first, count, random)].map(([made, number]) => makeRecord(made, number));
    return makeTable(records, form(random), random);
  };

/** Values have commas, quotes and line ends in quotes. Excel writes a mark, or a line with the separator. */
const inQuotes = (random: () => number): TableForm => {
  const separator = pick(random, [',', ';', '\t']);
  const before = pick(random, ['', '', '\ufeff', `sep=${separator}\n`]);
  const lineEnd = before.startsWith('sep') ? '\n' : pick(random, lineEnds);
  // Programs that write tabs mostly know no quotes. So all values have them.
  const isNeeded = separator !== '\t' && random() < 0.5;
  return { separator, write: orNull(isNeeded ? quotedIfNeeded(separator) : quoted, ''), lineEnd, before };
};

const withBackslashes = (random: () => number): TableForm => ({
  separator: pick(random, [',', ';']),
  write: orNull(escaped, ''),
  lineEnd: pick(random, ['\n', '\r\n']),
});

/** The first quote in a text tells that this table has backslashes before them. */
const saidInFirst =
  (makeRecord: MakeTableRecord, name: string): Maker =>
  (first, count, random) =>
    tableOf(
      (made, number) => makeRecord(number === first ? { ...made, [name]: 'He said "wait" and left.' } : made, number),
      withBackslashes,
    )(first, count, random);

/** Each table by the format and the tool. */
export const tables: Record<string, Maker> = {
  'customer reviews': tableOf(ofTexts(customerReview), (random) => ({
    separator: '\t',
    write: orNull((value) => value, ''),
    lineEnd: pick(random, lineEnds),
  })),
  Kaggle: tableOf(ofTexts(kaggleReview), inQuotes),
  'Kaggle, from Spark': saidInFirst(ofTexts(kaggleReview), 'summary'),
  'Book-Crossing': tableOf(ofTexts(bookCrossing), (random) => ({
    separator: ';',
    write: orNull(quoted, ''),
    lineEnd: pick(random, lineEnds),
  })),
  'frame of the public data': tableOf(ofFrame('public'), inQuotes),
  'frame of 2023': tableOf(ofFrame('amazon-2023'), inQuotes),
  'frame of Goodreads': tableOf(ofFrame('goodreads'), inQuotes),
  'own table, from mysql --batch': tableOf(ownRow, () => ({
    separator: '\t',
    write: orNull(inBatch, 'NULL'),
    lineEnd: '\n',
  })),
  'own table, as CSV': tableOf(ownRow, (random) => ({
    separator: ',',
    write: orNull(quoted, pick(random, ['NULL', '\\N'])),
    lineEnd: pick(random, lineEnds),
  })),
};

export const inTable: Maker = (first, count, random) => pick(random, Object.values(tables))(first, count, random);
