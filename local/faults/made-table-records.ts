// Rows of tables for the campaign, and the rows in the database that they must become. All values are texts.
import type { MadeRecord } from '../reviews/make-record.ts';
import { inShape, type Shape } from '../reviews/record-shapes.ts';
import { type Written, written } from '../reviews/ways-to-write.ts';

/** Null: the database had no value. */
type Values = Record<string, string | null>;
/** A row's values, and the row that they must become. */
export type TableRecord = Omit<Written, 'record'> & { values: Values };

export type MakeTableRecord = (made: MadeRecord, number: number) => TableRecord;

const votesOf = ({ vote, helpful }: MadeRecord): [given: string, all: string] => {
  const [given = 0, all = 3] = Array.isArray(helpful) ? (helpful as number[]) : [];
  const votes = Number(String(vote ?? given).replaceAll(',', ''));
  return [String(votes), String(Math.max(votes, all))];
};
const text = (value: unknown) => (value === undefined ? '' : String(value));
/** In formats without quotes no value holds a tab or a line end. */
const flat = (value: unknown) => text(value).replaceAll(/[\t\r\n]/g, ' ');

export function customerReview(record: MadeRecord, number: number): Values {
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
    // A quote means nothing here.
    review_headline: `${number % 11 === 0 ? '"' : ''}${flat(record.summary)}`,
    review_body: flat(record.reviewText),
    review_date: new Date(Number(record.unixReviewTime) * 1000).toISOString().slice(0, 10),
  };
}

export function kaggleReview(record: MadeRecord, number: number): Values {
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

export function bookCrossing(record: MadeRecord, number: number): Values {
  return { 'User-ID': text(record.reviewerID), ISBN: text(record.asin), 'Book-Rating': String(number % 11) };
}

/** These formats are tables from the start. */
export const ofTexts =
  (make: (record: MadeRecord, number: number) => Values): MakeTableRecord =>
  (made, number) => {
    const values = make(made, number);
    return { ...written(values, 'as made', number), values };
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

export const ofFrame =
  (shape: Shape): MakeTableRecord =>
  (made, number) => {
    const { texts = [], others = [] } = frames[shape] ?? {};
    const record = inShape(made, shape, number);
    const framed = Object.fromEntries([...texts, ...others].map((name) => [name, record[name]]));
    const present = Object.fromEntries(Object.entries(framed).filter(([, value]) => value !== undefined));
    const { rowAt, misfits } = written(
      { ...Object.fromEntries(texts.map((name) => [name, ''])), ...present },
      'as made',
      number,
    );
    return {
      misfits,
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
export function ownRow(made: MadeRecord, number: number): TableRecord {
  const record = number % 5 === 0 ? { ...made, summary: `"${made.summary}"` } : made;
  const own = inShape(record, 'own-table', number);
  const values = Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, value === null ? null : asText(value)]),
  );
  return { ...written(values, 'as made', number), values };
}
