// What a row should hold for a record, by the documented mapping of each format to the table, without the product's code.

/** A row by column, as expected; what only the ingest can know (source_id, region_indicator, ingested_at) is left out. */
export interface ExpectedRow {
  source_offset: number;
  reviewer_id: unknown;
  asin: unknown;
  reviewer_name: unknown;
  vote: number | null;
  vote_total: number | null;
  review_text: unknown;
  summary: unknown;
  overall_rating: unknown;
  unix_review_time: unknown;
  review_time: unknown;
  verified: unknown;
  style: unknown;
  image: unknown;
  other_fields: unknown;
}

/** The columns of an expected row, for a SELECT. */
export const expectedColumns =
  'source_offset, reviewer_id, asin, reviewer_name, vote, vote_total, review_text, summary, overall_rating, ' +
  'unix_review_time, review_time, verified, style, image, other_fields';

type Made = Record<string, unknown>;

/** A column's value, and the fields that it was made of. */
type Mapping = { fields: string[]; row: Omit<ExpectedRow, 'source_offset' | 'other_fields'> };

/** For records whose values are of the types that their format has; missing fields are null. */
export function expectedRow(offset: number, record: Made): ExpectedRow {
  const { fields, row } = mappingOf(record);
  const others = Object.entries(record).filter(([name]) => !fields.includes(name));
  return { source_offset: offset, ...row, other_fields: others.length === 0 ? null : Object.fromEntries(others) };
}

/** The names of the reviewer's and the product's field in a record, by what else it has. */
export function idFieldsOf(record: Made): [reviewer: string, product: string] {
  if ('review/score' in record) return ['User_id', 'Id'];
  if ('customer_id' in record) return ['customer_id', 'product_id'];
  if ('book_id' in record) return ['user_id', 'book_id'];
  return 'user_id' in record && !('reviewerID' in record) ? ['user_id', 'asin'] : ['reviewerID', 'asin'];
}

function mappingOf(record: Made): Mapping {
  const [reviewer, product] = idFieldsOf(record);
  if (reviewer === 'customer_id') return customerReview(record);
  if (reviewer === 'User_id') return kaggleReview(record);
  if (product === 'book_id') return goodreadsReview(record);
  return reviewer === 'user_id' ? review2023(record) : publicReview(record);
}

const none = {
  reviewer_name: null,
  vote: null,
  vote_total: null,
  review_text: null,
  summary: null,
  overall_rating: null,
  unix_review_time: null,
  review_time: null,
  verified: null,
  style: null,
  image: null,
};
const numberOf = (value: unknown) =>
  value === undefined || value === null || value === '' ? null : Number(String(value).replaceAll(',', ''));

function publicReview(record: Made): Mapping {
  const helpful = Array.isArray(record.helpful) ? (record.helpful as number[]) : [];
  // Both may be given. Where the first number of helpful is not the votes, it has no column.
  const isHelpfulUsed = record.vote === undefined || numberOf(record.vote) === helpful[0];
  const fields = ['reviewerID', 'asin', 'reviewerName', 'vote', 'reviewText', 'summary', 'overall'];
  if (isHelpfulUsed) fields.push('helpful');
  return {
    fields: [...fields, 'unixReviewTime', 'reviewTime', 'verified', 'style', 'image'],
    row: {
      reviewer_id: record.reviewerID,
      asin: record.asin,
      reviewer_name: record.reviewerName ?? null,
      // "1,234" in the newer edition; the older one has [helpful votes, all votes].
      vote: numberOf(record.vote) ?? helpful[0] ?? null,
      vote_total: helpful[1] ?? null,
      review_text: record.reviewText ?? null,
      summary: record.summary ?? null,
      overall_rating: record.overall ?? null,
      unix_review_time: record.unixReviewTime ?? null,
      review_time: record.reviewTime ?? null,
      verified: record.verified ?? null,
      style: record.style ?? null,
      image: record.image ?? null,
    },
  };
}

function review2023(record: Made): Mapping {
  const fields = ['rating', 'title', 'text', 'images', 'asin', 'user_id', 'timestamp', 'helpful_vote'];
  return {
    fields: [...fields, 'verified_purchase'],
    row: {
      ...none,
      reviewer_id: record.user_id,
      asin: record.asin,
      vote: numberOf(record.helpful_vote),
      review_text: record.text ?? null,
      summary: record.title ?? null,
      overall_rating: record.rating ?? null,
      // Milliseconds.
      unix_review_time: record.timestamp === undefined ? null : Math.floor(Number(record.timestamp) / 1000),
      verified: record.verified_purchase ?? null,
      image: record.images ?? null,
    },
  };
}

function goodreadsReview(record: Made): Mapping {
  const date = record.date_added;
  // JavaScript reads `Sun Jul 30 2017 07:44:10 -0700`.
  const [, monthAndDay, time, zone, year] =
    /^\w+ (\w+ \d+) (\S+) (\S+) (\d+)$/.exec(String(date ?? '')) ?? ([] as string[]);
  return {
    fields: ['user_id', 'book_id', 'rating', 'review_text', 'date_added', 'n_votes'],
    row: {
      ...none,
      reviewer_id: record.user_id,
      asin: record.book_id,
      vote: numberOf(record.n_votes),
      review_text: record.review_text ?? null,
      overall_rating: record.rating ?? null,
      unix_review_time: year === undefined ? null : Date.parse(`${monthAndDay} ${year} ${time} ${zone}`) / 1000,
      review_time: date ?? null,
    },
  };
}

/** All values are texts. */
function customerReview(record: Made): Mapping {
  const date = String(record.review_date ?? '');
  const fields = ['customer_id', 'product_id', 'star_rating', 'helpful_votes', 'total_votes', 'verified_purchase'];
  return {
    fields: [...fields, 'review_headline', 'review_body', 'review_date'],
    row: {
      ...none,
      reviewer_id: record.customer_id,
      asin: record.product_id,
      vote: numberOf(record.helpful_votes),
      vote_total: numberOf(record.total_votes),
      review_text: record.review_body ?? null,
      summary: record.review_headline ?? null,
      overall_rating: numberOf(record.star_rating),
      unix_review_time: date === '' ? null : Date.parse(`${date}T00:00:00Z`) / 1000,
      review_time: date,
      verified: record.verified_purchase === 'Y' ? true : record.verified_purchase === 'N' ? false : null,
    },
  };
}

/** All values are texts. */
function kaggleReview(record: Made): Mapping {
  const [vote, all] = String(record['review/helpfulness'] ?? '').split('/');
  const fields = ['Id', 'User_id', 'profileName', 'review/helpfulness', 'review/score', 'review/time'];
  return {
    fields: [...fields, 'review/summary', 'review/text'],
    row: {
      ...none,
      reviewer_id: record.User_id ?? '',
      asin: record.Id,
      reviewer_name: record.profileName ?? null,
      vote: numberOf(vote),
      vote_total: numberOf(all),
      review_text: record['review/text'] ?? null,
      summary: record['review/summary'] ?? null,
      overall_rating: numberOf(record['review/score']),
      unix_review_time: numberOf(record['review/time']),
    },
  };
}
