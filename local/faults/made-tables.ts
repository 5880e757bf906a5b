// Tables for the campaign: each format that people have as a table, in the ways in which tools write one. All values are texts.
import { pick } from '../reviews/made-text.ts';
import type { MadeRecord } from '../reviews/make-record.ts';
import { inShape, type Shape } from '../reviews/record-shapes.ts';
import { type Written, written } from '../reviews/ways-to-write.ts';
import { type Content, createTally, type Maker, madeRecords, plantedText } from './made-content.ts';

/** Null: the database had no value. */
type Values = Record<string, string | null>;
/** A row's values, and the row that they must become. */
type TableRecord = Pick<Written, 'rowAt'> & { values: Values };

const votesOf = ({ vote, helpful }: MadeRecord): [given: string, all: string] => {
  const [given = 0, all = 3] = Array.isArray(helpful) ? (helpful as number[]) : [];
  const votes = Number(String(vote ?? given).replaceAll(',', ''));
  return [String(votes), String(Math.max(votes, all))];
};
const text = (value: unknown) => (value === undefined ? '' : String(value));
/** In formats without quotes no value holds a tab or a line end. */
const flat = (value: unknown) => text(value).replaceAll(/[\t\r\n]/g, ' ');

function customerReview(record: MadeRecord, number: number): Values {
  const [helpful_votes, total_votes] = votesOf(record);
  return {
    marketplace: 'US',
    customer_id: flat(record.reviewerID),
    review_id: `R${number}`,
    product_id: flat(record.asin),
    star_rating: text(record.overall),
    helpful_votes,
    total_votes,
    verified_purchase: record.verified === false ? 'N' : 'Y',
    review_headline: flat(record.summary),
    review_body: flat(record.reviewText),
    review_date: new Date(Number(record.unixReviewTime) * 1000).toISOString().slice(0, 10),
  };
}

function kaggleReview(record: MadeRecord, number: number): Values {
  return {
    Id: text(record.asin),
    Title: `Title ${number}`,
    User_id: text(record.reviewerID),
    profileName: text(record.reviewerName),
    'review/helpfulness': votesOf(record).join('/'),
    'review/score': text(record.overall),
    'review/time': text(record.unixReviewTime),
    'review/summary': text(record.summary),
    'review/text': text(record.reviewText),
  };
}

function bookCrossing(record: MadeRecord, number: number): Values {
  return { 'User-ID': text(record.reviewerID), ISBN: text(record.asin), 'Book-Rating': String(number % 11) };
}

/** These formats are tables from the start. */
const ofTexts =
  (make: (record: MadeRecord, number: number) => Values) =>
  (made: MadeRecord, number: number): TableRecord => {
    const values = make(made, number);
    return { values, rowAt: written(values, 'as made', number).rowAt };
  };

/** A value as pandas writes it. */
const asText = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : text(value);
};

/** The columns of a frame with records of a shape. Where a text is missing, a table cannot tell it from an empty one. */
const frames: Partial<Record<Shape, { texts: string[]; others: string[] }>> = {
  public: {
    texts: ['reviewerName', 'reviewText', 'summary', 'reviewTime'],
    others: ['overall', 'verified', 'reviewerID', 'asin', 'unixReviewTime', 'style', 'vote', 'helpful', 'image'],
  },
  'amazon-2023': {
    texts: ['title', 'text'],
    others: ['rating', 'images', 'asin', 'parent_asin', 'user_id', 'timestamp', 'helpful_vote', 'verified_purchase'],
  },
  goodreads: {
    texts: ['review_text', 'date_added'],
    others: ['user_id', 'book_id', 'review_id', 'rating', 'n_votes', 'n_comments', 'read_at'],
  },
};

const ofFrame =
  (shape: Shape) =>
  (made: MadeRecord, number: number): TableRecord => {
    const { texts = [], others = [] } = frames[shape] ?? {};
    const record = inShape(made, shape, number);
    const framed = Object.fromEntries([...texts, ...others].map((name) => [name, record[name]]));
    const present = Object.fromEntries(Object.entries(framed).filter(([, value]) => value !== undefined));
    const { rowAt } = written(
      { ...Object.fromEntries(texts.map((name) => [name, ''])), ...present },
      'as made',
      number,
    );
    return {
      values: Object.fromEntries(Object.entries(framed).map(([name, value]) => [name, asText(value)])),
      rowAt: (offset) => {
        const row = rowAt(offset);
        if (row === null) return null;
        // The table has a value for each of its names. These have no column, or theirs is taken.
        const fields = Object.entries(row.other_fields ?? {}).map(([name, value]) => [name, asText(value)]);
        return { ...row, other_fields: fields.length === 0 ? null : Object.fromEntries(fields) };
      },
    };
  };

/** A row of this service's own table. Some texts are as a whole in quotes. */
function ownRow(made: MadeRecord, number: number): TableRecord {
  const record = number % 5 === 0 ? { ...made, summary: `"${made.summary}"` } : made;
  const own = inShape(record, 'own-table', number);
  const values = Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, value === null ? null : asText(value)]),
  );
  return { values, rowAt: written(values, 'as made', number).rowAt };
}

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
  for (const [index, { values, rowAt }] of records.entries()) {
    const row = Object.values(values).map(write).join(separator) + lineEnd;
    if (index > 0 && random() < 0.02) {
      tally.blank();
      table += separator.repeat(names.length - 1) + lineEnd;
    }
    if (index > 0 && random() < 0.02) {
      tally.rejected();
      table += names.map(() => 'x').join(separator) + separator + plantedText + lineEnd;
    }
    tally.record(offset(), { record: values, rowAt });
    table += row;
  }
  return { body: Buffer.from(table), truth: tally.truth() };
}

type MakeRecord = (made: MadeRecord, number: number) => TableRecord;
const lineEnds = ['\n', '\r\n', '\r'];

/** A row's place is its first byte. The header is no row. */
const tableOf =
  (makeRecord: MakeRecord, form: (random: () => number) => TableForm): Maker =>
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
  (makeRecord: MakeRecord, name: string): Maker =>
  (first, count, random) =>
    tableOf(
      (made, number) => makeRecord(number === first ? { ...made, [name]: 'He said "wait" and left.' } : made, number),
      withBackslashes,
    )(first, count, random);

/** Each table by the format and the tool. */
export const tables: Record<string, Maker> = {
  'customer reviews': tableOf(ofTexts(customerReview), (random) => ({
    separator: '\t',
    write: text,
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
