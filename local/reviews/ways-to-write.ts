// The ways in which tools write the records that people export: names, types next to values, and fields that the tool adds. The row that
// a record must become is known before it is written, so nothing here reads a record.
import { type ExpectedRow, expectedRow, isReview, misfitsOf } from './expected-row.ts';
import type { MadeRecord } from './make-record.ts';
import type { Shape } from './record-shapes.ts';

/** A record as it is written, and the row that it must become at an offset; null: it is no review. */
export interface Written {
  record: MadeRecord;
  rowAt: (offset: number) => ExpectedRow | null;
  /** Columns that a value does not fit. */
  misfits: readonly string[];
}

/** What a tool makes of a record. */
interface Way {
  /** The shapes that it is drawn for. */
  shapes: readonly Shape[];
  /** A field as the tool writes it. */
  field: (name: string, value: unknown) => [name: string, value: unknown];
  /** Fields that the tool adds, as it writes them. No column takes them. */
  adds?: (number: number) => MadeRecord;
  /** Names that the tool writes without a value where a record lacks them. */
  nulls?: readonly string[];
  /** What the tool puts around the fields. */
  around?: (fields: MadeRecord) => MadeRecord;
  /** Columns that the tool's way to write a value fills in another way. */
  changes?: (record: MadeRecord) => Partial<ExpectedRow>;
}

const withoutTable = ['public', 'amazon-2023', 'goodreads', 'goodreads-spoiler'] as const;
const emptyInPublic = ['reviewerName', 'vote', 'reviewText', 'summary', 'verified', 'style', 'image'];

const mapped = (fields: object, change: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]));

/** As DynamoDB writes a value; `letters`: its letters for types, in upper or lower case. */
const inDynamo = (letters: (type: string) => string) => {
  const typed = (value: unknown): MadeRecord => {
    if (value === null) return { [letters('NULL')]: true };
    if (Array.isArray(value)) return { [letters('L')]: value.map(typed) };
    if (typeof value === 'object') return { [letters('M')]: mapped(value, typed) };
    if (typeof value === 'number') return { [letters('N')]: String(value) };
    return typeof value === 'boolean' ? { [letters('BOOL')]: value } : { [letters('S')]: value };
  };
  return typed;
};
const upperCase = inDynamo((type) => type);
/** Data Pipeline's names. */
const lowerCase = inDynamo((type) => ({ NULL: 'nULLValue', BOOL: 'bOOL' })[type] ?? type.toLowerCase());
/** Types that no field of a review has. */
const dynamoSets = (number: number): MadeRecord => ({
  tags: { SS: ['a', `b${number}`] },
  ranks: { NS: [String(number), '7.5'] },
  thumbnail: { B: 'AAEC' },
  thumbnails: { BS: ['AAEC', 'AwQF'] },
});

const most32 = 2 ** 31;
/** As MongoDB's canonical extended JSON writes a value. */
const inMongo = (name: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((inner) => inMongo('', inner));
  if (typeof value === 'object' && value !== null) return mapped(value, (inner) => inMongo('', inner));
  if (typeof value !== 'number') return value;
  if (name === 'overall' || name === 'rating') return { $numberDouble: value.toFixed(1) };
  if (name === 'timestamp') return { $date: { $numberLong: String(value) } };
  return value >= most32 || name === 'n_votes' ? { $numberLong: String(value) } : { $numberInt: String(value) };
};
const objectId = (number: number) => ({ $oid: number.toString(16).padStart(24, '6') });

/** `2013-02-15 00:00:00.137+00`. */
const inDuckDb = (unixMs: number) => new Date(unixMs).toISOString().replace('T', ' ').replace('Z', '+00');

const inWords = (name: string, between: string) => name.replaceAll(/([a-z])([A-Z]+)/g, `$1${between}$2`);

export const waysToWrite = {
  'as made': {
    shapes: ['public', 'amazon-2023', 'goodreads', 'goodreads-spoiler', 'own-table'],
    field: (name, value) => [name, value],
  },
  'DynamoDB export': {
    shapes: withoutTable,
    field: (name, value) => [name, upperCase(value)],
    adds: dynamoSets,
    around: (fields) => ({ Item: fields }),
  },
  'DynamoDB items': { shapes: withoutTable, field: (name, value) => [name, upperCase(value)] },
  'DynamoDB export with nulls': {
    shapes: ['public'],
    field: (name, value) => [name, upperCase(value)],
    nulls: emptyInPublic,
    around: (fields) => ({ Item: fields }),
  },
  'Data Pipeline': { shapes: ['public'], field: (name, value) => [name, lowerCase(value)], nulls: emptyInPublic },
  'MongoDB, canonical': {
    shapes: withoutTable.filter((shape) => shape !== 'goodreads-spoiler'),
    field: (name, value) => [name, inMongo(name, value)],
    adds: (number) => ({
      _id: objectId(number),
      importedAt: { $date: { $numberLong: '1360886400137' } },
      price: { $numberDecimal: '12.99' },
    }),
  },
  'MongoDB, relaxed': {
    shapes: ['public', 'amazon-2023'],
    field: (name, value) => [name, name === 'timestamp' ? { $date: new Date(Number(value)).toISOString() } : value],
    adds: (number) => ({ _id: objectId(number), importedAt: { $date: '2013-02-15T00:00:00Z' } }),
    // A time that is written as a date is the text, too.
    changes: ({ timestamp }) =>
      timestamp === undefined ? {} : { review_time: new Date(Number(timestamp)).toISOString() },
  },
  Athena: { shapes: ['public', 'amazon-2023'], field: (name, value) => [name.toLowerCase(), value] },
  'names with underscores': {
    shapes: ['public', 'public-sample'],
    field: (name, value) => [inWords(name, '_').toLowerCase(), value],
  },
  'names with blanks': { shapes: ['public'], field: (name, value) => [`${inWords(name, ' ')}:`, value] },
  BigQuery: {
    shapes: withoutTable.filter((shape) => shape !== 'goodreads-spoiler'),
    field: (name, value) => {
      const isInteger = name !== 'overall' && name !== 'rating' && Number.isInteger(value);
      if (Array.isArray(value)) return [name, value.map((one) => (typeof one === 'number' ? String(one) : one))];
      return [name, isInteger ? String(value) : value];
    },
  },
  DuckDB: {
    shapes: ['public', 'amazon-2023'],
    field: (name, value) => {
      if (name === 'unixReviewTime') return [name, inDuckDb(Number(value) * 1000)];
      return [name, name === 'timestamp' ? inDuckDb(Number(value)) : value];
    },
    // The public data has a text already.
    changes: ({ timestamp }) => (timestamp === undefined ? {} : { review_time: inDuckDb(Number(timestamp)) }),
  },
  pandas: {
    shapes: ['public'],
    field: (name, value) => [name, name === 'unixReviewTime' ? Number(value) * 1000 : value],
    nulls: emptyInPublic,
  },
} satisfies Record<string, Way>;

export type WayName = keyof typeof waysToWrite;

/** Pairs of a shape and a way to write it. */
export const styles: { shape: Shape; way: WayName }[] = Object.entries(waysToWrite).flatMap(([way, { shapes }]) =>
  shapes.map((shape) => ({ shape, way: way as WayName })),
);

/** `record`: in its shape. */
export function written(record: MadeRecord, wayName: WayName, number: number): Written {
  const way: Way = waysToWrite[wayName];
  const field = ([name, value]: [string, unknown]) => way.field(name, value);
  const added = way.adds?.(number) ?? {};
  const nulls = Object.fromEntries((way.nulls ?? []).map((name) => [name, null]));
  const fields = { ...Object.fromEntries(Object.entries({ ...nulls, ...record }).map(field)), ...added };
  return {
    record: way.around?.(fields) ?? fields,
    misfits: misfitsOf(record),
    rowAt: (offset) => {
      if (!isReview(record)) return null;
      const row = expectedRow(offset, record);
      const others = { ...Object.fromEntries(Object.entries(row.other_fields ?? {}).map(field)), ...added };
      const hasOthers = Object.keys(others).length > 0;
      return { ...row, ...way.changes?.(record), other_fields: hasOthers ? others : null };
    },
  };
}
