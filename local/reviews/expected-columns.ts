// Which column has which value of a record, for each record format, by the documentation. Each maker knows the format of what it made.

/** Columns that single fields fill. */
export interface ExpectedColumns {
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
}

export type Made = Record<string, unknown>;

/** Columns by their values, the fields that these were made of, and what `other_fields` had in a row that was exported. */
export interface Mapping {
  fields: string[];
  row: ExpectedColumns;
  nested?: Made;
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
/** All names, in the order of a row. */
export const columnNames = ['reviewer_id', 'asin', ...Object.keys(none)];
const numberOf = (value: unknown) =>
  value === undefined || value === null || value === '' ? null : Number(String(value).replaceAll(',', ''));

export function publicReview(record: Made): Mapping {
  const helpful = Array.isArray(record.helpful) ? (record.helpful as number[]) : [];
  // Both may be given. Where the first number of helpful is not the votes, it has no column.
  const isHelpfulUsed = numberOf(record.vote) === null || numberOf(record.vote) === helpful[0];
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

export function review2023(record: Made): Mapping {
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

export function goodreadsReview(record: Made): Mapping {
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
export function customerReview(record: Made): Mapping {
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
export function kaggleReview(record: Made): Mapping {
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

/** The date alone, and sentences instead of a text. */
export function spoilerReview(record: Made): Mapping {
  return {
    fields: ['user_id', 'book_id', 'rating', 'timestamp'],
    row: {
      ...none,
      reviewer_id: record.user_id,
      asin: record.book_id,
      overall_rating: record.rating ?? null,
      unix_review_time: record.timestamp === undefined ? null : Date.parse(`${record.timestamp}T00:00:00Z`) / 1000,
      review_time: record.timestamp ?? null,
    },
  };
}

/** The rating goes up to 10, so no column takes it. */
export function bookCrossing(record: Made): Mapping {
  return { fields: ['User-ID', 'ISBN'], row: { ...none, reviewer_id: record['User-ID'], asin: record.ISBN } };
}

/** The columns have their own names. Other fields go back to where they were. */
export function ownRow(record: Made): Mapping {
  const jsonOf = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : (value ?? null));
  const row = {
    reviewer_id: record.reviewer_id,
    asin: record.asin,
    reviewer_name: record.reviewer_name ?? null,
    vote: numberOf(record.vote),
    vote_total: numberOf(record.vote_total),
    review_text: record.review_text ?? null,
    summary: record.summary ?? null,
    overall_rating: numberOf(record.overall_rating),
    unix_review_time: numberOf(record.unix_review_time),
    review_time: record.review_time ?? null,
    // MySQL has no boolean type: 1 and 0.
    verified: record.verified === null ? null : Number(record.verified) === 1,
    style: jsonOf(record.style),
    image: jsonOf(record.image),
  };
  return { fields: [...Object.keys(row), 'other_fields'], row, nested: jsonOf(record.other_fields) ?? {} };
}
