// What a row must hold, read from the line by other means than the product's: JSON.parse and the tables of docs/formats.md.

export interface ReviewRow {
  source_offset: string;
  region_indicator: string;
  reviewer_id: string;
  asin: string;
  reviewer_name: string | null;
  vote: number | null;
  vote_total: number | null;
  review_text: string | null;
  summary: string | null;
  overall_rating: number | null;
  unix_review_time: number | null;
  review_time: string | null;
  verified: number | null;
  style: unknown;
  image: unknown;
  other_fields: unknown;
}

/** With this, a row of the driver compares to an expected one: JSON as values, because MySQL reorders keys. */
export const comparableRow = (row: Record<string, unknown>): ReviewRow => ({
  ...(row as unknown as ReviewRow),
  source_offset: String(row.source_offset),
  style: row.style === null ? null : JSON.parse(row.style as string),
  image: row.image === null ? null : JSON.parse(row.image as string),
  other_fields: row.other_fields === null ? null : JSON.parse(row.other_fields as string),
});

export const reviewColumns =
  'source_offset, region_indicator, reviewer_id, asin, reviewer_name, vote, vote_total, review_text, summary, ' +
  'overall_rating, unix_review_time, review_time, verified, style, image, other_fields';

const columnFields = [
  ...['reviewerID', 'reviewer_id', 'asin', 'reviewerName', 'reviewer_name', 'vote', 'reviewText', 'review_text'],
  ...['summary', 'overall', 'overall_rating', 'unixReviewTime', 'unix_review_time', 'reviewTime', 'review_time'],
  ...['verified', 'style', 'image'],
];

/** Fields without a column; and helpful where its first number is not the votes. */
function othersOf(given: Record<string, unknown>): unknown {
  const helpful = given.helpful as [number, number] | undefined;
  const isUsed = helpful === undefined || given.vote === undefined || Number(given.vote) === helpful[0];
  const others = Object.entries(given).filter(
    ([name]) => !columnFields.includes(name) && (name !== 'helpful' || !isUsed),
  );
  return others.length === 0 ? null : Object.fromEntries(others);
}

export function expectedRow(line: string, offset: number, region: string): ReviewRow {
  const given = JSON.parse(line);
  const votes = given.vote ?? given.helpful?.[0] ?? null;
  return {
    source_offset: String(offset),
    region_indicator: region,
    reviewer_id: given.reviewerID ?? given.reviewer_id,
    asin: given.asin,
    reviewer_name: given.reviewerName ?? given.reviewer_name ?? null,
    vote: votes === null ? null : Number(String(votes).split(',').join('')),
    vote_total: given.helpful?.[1] ?? null,
    review_text: given.reviewText ?? given.review_text ?? null,
    summary: given.summary ?? null,
    overall_rating: given.overall ?? given.overall_rating ?? null,
    unix_review_time: given.unixReviewTime ?? given.unix_review_time ?? null,
    review_time: given.reviewTime ?? given.review_time ?? null,
    verified: given.verified === undefined || given.verified === null ? null : given.verified ? 1 : 0,
    style: given.style ?? null,
    image: given.image ?? null,
    other_fields: othersOf(given),
  };
}
