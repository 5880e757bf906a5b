// What a row should hold for a record, by the documented mapping of each format to the table, without the product's code.
import {
  bookCrossing,
  columnNames,
  customerReview,
  type ExpectedColumns,
  goodreadsReview,
  kaggleReview,
  type Made,
  type Mapping,
  ownRow,
  publicReview,
  review2023,
  spoilerReview,
} from './expected-columns.ts';

/** A row by column, as expected; what only the ingest can know (source_id, region_indicator, ingested_at) is left out. */
export interface ExpectedRow extends ExpectedColumns {
  source_offset: number;
  other_fields: unknown;
}

/** The columns of an expected row, for a SELECT. */
export const expectedColumns = ['source_offset', ...columnNames, 'other_fields'].join(', ');

/** Columns that do not take every value of their type, and the fields that fill them. */
const bounds: {
  column: 'overall_rating' | 'reviewer_name';
  fields: string[];
  takes: (value: unknown) => boolean;
}[] = [
  {
    column: 'overall_rating',
    fields: ['overall', 'rating', 'star_rating', 'review/score'],
    takes: (value) => Number(value) >= 0 && Number(value) <= 5,
  },
  {
    column: 'reviewer_name',
    fields: ['reviewerName', 'profileName'],
    takes: (value) => [...String(value)].length <= 512,
  },
];

type Bound = (typeof bounds)[number];
const exceeded = (row: ExpectedColumns): Bound[] =>
  bounds.filter(({ column, takes }) => row[column] !== null && !takes(row[column]));

/** The columns that a value of the record does not fit. */
export const misfitsOf = (record: Made): string[] => exceeded(mappingOf(record).row).map(({ column }) => column);

/** For records whose values are of the types that their format has; missing fields are null, and a value that does not fit is kept. */
export function expectedRow(offset: number, record: Made): ExpectedRow {
  const { fields, row, nested = {} } = mappingOf(record);
  const misfits = exceeded(row);
  const kept = misfits.flatMap((misfit) => misfit.fields);
  const isOther = (name: string) => !fields.includes(name) || kept.includes(name);
  const others = [...Object.entries(nested), ...Object.entries(record).filter(([name]) => isOther(name))];
  return {
    source_offset: offset,
    ...row,
    ...Object.fromEntries(misfits.map(({ column }) => [column, null])),
    other_fields: others.length === 0 ? null : Object.fromEntries(others),
  };
}

/** The names of the reviewer's and the product's field in a record, by what else it has. */
export function idFieldsOf(record: Made): [reviewer: string, product: string] {
  if ('source_offset' in record) return ['reviewer_id', 'asin'];
  if ('Book-Rating' in record) return ['User-ID', 'ISBN'];
  if ('review/score' in record) return ['User_id', 'Id'];
  if ('customer_id' in record) return ['customer_id', 'product_id'];
  if ('book_id' in record) return ['user_id', 'book_id'];
  return 'user_id' in record && !('reviewerID' in record) ? ['user_id', 'asin'] : ['reviewerID', 'asin'];
}

/** Whether the record says who reviewed what. One data set has reviews without a reviewer. */
export function isReview(record: Made): boolean {
  const [reviewer, product] = idFieldsOf(record);
  return Boolean(record[product] && (record[reviewer] || reviewer === 'User_id'));
}

function mappingOf(record: Made): Mapping {
  const [reviewer, product] = idFieldsOf(record);
  if (reviewer === 'reviewer_id') return ownRow(record);
  if (reviewer === 'User-ID') return bookCrossing(record);
  if (reviewer === 'customer_id') return customerReview(record);
  if (reviewer === 'User_id') return kaggleReview(record);
  if (product === 'book_id') return 'review_sentences' in record ? spoilerReview(record) : goodreadsReview(record);
  return reviewer === 'user_id' ? review2023(record) : publicReview(record);
}
