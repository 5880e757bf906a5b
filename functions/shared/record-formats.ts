// The columns that a record fills, and the record formats that say which field fills which column. The parser, the module for plain
// lines, the statements, the benchmark and docs/formats.md all take them from here.

/**
 * How a column takes values. `id`: text, or a whole number. `count`: a whole number from 0 on. `rating`: 0 to 5. `seconds`: of Unix
 * time. `object`, `list` and `fields`: JSON.
 */
export type ColumnKind = 'id' | 'text' | 'count' | 'rating' | 'seconds' | 'boolean' | 'object' | 'list' | 'fields';

interface ColumnDefinition {
  name: string;
  kind: ColumnKind;
  /** The bound of a VARCHAR. */
  maxCharacters?: number;
  /** The bound of a TEXT. */
  maxBytes?: number;
  /** A record without it is no review. */
  required?: true;
}

/** As database/migrations/ defines them, in the order in which a row of the INSERT has them. */
export const columns = [
  { name: 'reviewer_id', kind: 'id', maxCharacters: 64, required: true },
  { name: 'asin', kind: 'id', maxCharacters: 32, required: true },
  { name: 'reviewer_name', kind: 'text', maxCharacters: 512 },
  { name: 'vote', kind: 'count' },
  { name: 'vote_total', kind: 'count' },
  // MEDIUMTEXT has no bound here: a line is shorter.
  { name: 'review_text', kind: 'text' },
  { name: 'summary', kind: 'text', maxBytes: 65_535 },
  { name: 'overall_rating', kind: 'rating' },
  { name: 'unix_review_time', kind: 'seconds' },
  { name: 'review_time', kind: 'text', maxCharacters: 64 },
  { name: 'verified', kind: 'boolean' },
  { name: 'style', kind: 'object' },
  { name: 'image', kind: 'list' },
  // Every field that has no column, or whose value does not fit its column.
  { name: 'other_fields', kind: 'fields' },
] as const satisfies readonly ColumnDefinition[];

export type Column = (typeof columns)[number]['name'];
export const columnNames: readonly Column[] = columns.map(({ name }) => name);
/** The columns of a review's time. A date fills the seconds too, if no other field gives them. */
export const timeColumns = { seconds: 'unix_review_time', date: 'review_time' } as const satisfies Record<
  string,
  Column
>;
const definitions = new Map<string, ColumnDefinition>(columns.map((column) => [column.name, column]));
/** @throws {Error} for a name that is no column's */
export function definitionOf(column: Column): ColumnDefinition {
  const definition = definitions.get(column);
  if (!definition) throw new Error(`no column: ${column}`);
  return definition;
}

/** A field, or a field with the votes and all votes in one: `[2, 3]` or `2/3`. */
export type FormatField = string | { votesOfAll: string };

export interface RecordFormat {
  name: string;
  /** What a person calls it. */
  title: string;
  /** A record has this format if it has each of these fields: of an inner list, one of them. */
  identifiedBy: readonly (readonly string[])[];
  /** The first of the fields with a value fills the column. */
  fields: Partial<Record<Column, readonly FormatField[]>>;
  /** A reviewer may be missing, as in a fifth of the rows of one data set. The column then has an empty text. */
  mayBeAnonymous?: true;
  /** Fields that the format always has and that no column takes. */
  withoutColumn: readonly string[];
}

/** A book's id, under the names that it has in these formats. */
const bookIds = ['asin', 'book_id', 'ISBN', 'product_id'];

/** A record has the first format that it has all identifying fields of. */
export const recordFormats: readonly RecordFormat[] = [
  {
    name: 'own-table',
    title: "this service's own table, as a MySQL client exports it",
    identifiedBy: [['source_id'], ['source_offset'], ['reviewer_id'], ['asin']],
    fields: Object.fromEntries(columnNames.map((column) => [column, [column]])),
    withoutColumn: ['source_id', 'source_offset', 'region_indicator', 'ingested_at'],
  },
  {
    name: 'public',
    title: 'the public data of 2014 and 2018, and the columns of the public sample and of this table',
    identifiedBy: [['reviewerID'], bookIds],
    fields: {
      reviewer_id: ['reviewerID'],
      asin: bookIds,
      reviewer_name: ['reviewerName'],
      vote: ['vote', { votesOfAll: 'helpful' }],
      vote_total: ['vote_total'],
      review_text: ['reviewText'],
      summary: ['summary'],
      overall_rating: ['overall', 'overall_rating'],
      unix_review_time: ['unixReviewTime'],
      review_time: ['reviewTime'],
      verified: ['verified'],
      style: ['style'],
      image: ['image'],
      other_fields: ['other_fields'],
    },
    withoutColumn: [],
  },
  {
    name: 'kaggle',
    title: 'the Kaggle table "Amazon Books Reviews"',
    identifiedBy: [['Id'], ['review/score', 'review/text', 'review/summary']],
    mayBeAnonymous: true,
    fields: {
      reviewer_id: ['User_id'],
      asin: ['Id'],
      reviewer_name: ['profileName'],
      vote: [{ votesOfAll: 'review/helpfulness' }],
      review_text: ['review/text'],
      summary: ['review/summary'],
      overall_rating: ['review/score'],
      unix_review_time: ['review/time'],
    },
    withoutColumn: ['Title', 'Price'],
  },
  {
    name: 'customer-reviews',
    title: 'the customer reviews of 1995 to 2015 (TSV)',
    identifiedBy: [['customer_id'], ['product_id']],
    fields: {
      reviewer_id: ['customer_id'],
      asin: ['product_id'],
      vote: ['helpful_votes'],
      vote_total: ['total_votes'],
      review_text: ['review_body'],
      summary: ['review_headline'],
      overall_rating: ['star_rating'],
      review_time: ['review_date'],
      verified: ['verified_purchase'],
    },
    withoutColumn: ['marketplace', 'review_id', 'product_parent', 'product_title', 'product_category', 'vine'],
  },
  {
    name: 'goodreads-spoiler',
    title: 'Goodreads, the reviews with marked spoilers',
    identifiedBy: [['user_id'], ['book_id'], ['review_sentences']],
    fields: {
      reviewer_id: ['user_id'],
      asin: ['book_id'],
      overall_rating: ['rating'],
      review_time: ['timestamp'],
    },
    withoutColumn: ['review_sentences', 'has_spoiler', 'review_id'],
  },
  {
    name: 'goodreads',
    title: 'Goodreads',
    identifiedBy: [['user_id'], ['book_id']],
    fields: {
      reviewer_id: ['user_id'],
      asin: ['book_id'],
      vote: ['n_votes'],
      review_text: ['review_text', 'review_text_incomplete'],
      overall_rating: ['rating'],
      review_time: ['date_added'],
    },
    withoutColumn: ['review_id', 'date_updated', 'read_at', 'started_at', 'n_comments', 'is_read'],
  },
  {
    // Its rating goes up to 10, so no column takes it.
    name: 'book-crossing',
    title: 'the Book-Crossing ratings',
    identifiedBy: [['User-ID'], ['ISBN'], ['Book-Rating']],
    fields: { reviewer_id: ['User-ID'], asin: ['ISBN'] },
    withoutColumn: ['Book-Rating'],
  },
  {
    name: 'amazon-2023',
    title: 'the public data of 2023',
    identifiedBy: [['user_id'], ['asin', 'parent_asin', 'ISBN', 'product_id']],
    fields: {
      reviewer_id: ['user_id'],
      asin: ['asin', 'parent_asin', 'ISBN', 'product_id'],
      vote: ['helpful_vote'],
      review_text: ['text'],
      summary: ['title'],
      overall_rating: ['rating'],
      unix_review_time: ['timestamp', 'sort_timestamp'],
      verified: ['verified_purchase'],
      image: ['images'],
    },
    withoutColumn: ['parent_asin'],
  },
];

/** A field's name as it is compared: tools change case, `_`, `-` and blanks, and some names end with a colon. */
export const comparableName = (name: string): string =>
  name
    .trim()
    .replace(/:$/, '')
    .replace(/[_\-\s]/g, '')
    .toLowerCase();
