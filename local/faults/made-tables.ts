// Tables for the campaign: the customer reviews with tabs, and the Kaggle table with quotes, and commas or semicolons. All values are texts.
import { pick } from '../reviews/made-text.ts';
import type { MadeRecord } from '../reviews/make-record.ts';
import { createTally, type Maker, madeRecords } from './made-content.ts';

type Texts = Record<string, string>;

const votesOf = ({ vote, helpful }: MadeRecord): [given: string, all: string] => {
  const [given = 0, all = 3] = Array.isArray(helpful) ? (helpful as number[]) : [];
  const votes = Number(String(vote ?? given).replaceAll(',', ''));
  return [String(votes), String(Math.max(votes, all))];
};
const text = (value: unknown) => (value === undefined ? '' : String(value));

function customerReview(record: MadeRecord, number: number): Texts {
  const [helpful_votes, total_votes] = votesOf(record);
  // This format has no quotes, so no value holds a tab or a line end.
  const flat = (value: unknown) => text(value).replaceAll(/[\t\r\n]/g, ' ');
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

function kaggleReview(record: MadeRecord, number: number): Texts {
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

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

function makeTable(
  records: Texts[],
  { separator, write, lineEnd }: { separator: string; write: (value: string) => string; lineEnd: string },
) {
  const tally = createTally();
  let table = '';
  let offset = 0;
  const writeRow = (values: string[]) => {
    const row = values.join(separator) + lineEnd;
    table += row;
    offset += Buffer.byteLength(row);
  };
  writeRow(Object.keys(records[0] ?? {}));
  for (const record of records) {
    tally.record(offset, record);
    writeRow(Object.values(record).map(write));
  }
  return { body: Buffer.from(table), truth: tally.truth() };
}

/** A row's place is its first byte. The header is no row. */
export const inTsv: Maker = (first, count, random) => {
  const records = [...madeRecords(first, count, random, 'public')].map((made, index) =>
    customerReview(made, first + index),
  );
  return makeTable(records, { separator: '\t', write: (value) => value, lineEnd: pick(random, ['\n', '\r\n']) });
};

/** Quoted texts hold commas, quotes and line ends. */
export const inCsv: Maker = (first, count, random) => {
  const records = [...madeRecords(first, count, random, 'public')].map((made, index) =>
    kaggleReview(made, first + index),
  );
  return makeTable(records, {
    separator: pick(random, [',', ';']),
    write: quoted,
    lineEnd: pick(random, ['\n', '\r\n']),
  });
};
