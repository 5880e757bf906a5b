// What a row should hold for a record, by the documented mapping of the public format to the table, without the product's code.

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
}

/** For records whose values have the types of the public format; missing fields are null. */
export function expectedRow(offset: number, record: Record<string, unknown>): ExpectedRow {
  const helpful = Array.isArray(record.helpful) ? (record.helpful as number[]) : [];
  return {
    source_offset: offset,
    reviewer_id: record.reviewerID,
    asin: record.asin,
    reviewer_name: record.reviewerName ?? null,
    // "1,234" in the newer edition; the older one has [helpful votes, all votes].
    vote: record.vote == null ? (helpful[0] ?? null) : Number(String(record.vote).replaceAll(',', '')),
    vote_total: helpful[1] ?? null,
    review_text: record.reviewText ?? null,
    summary: record.summary ?? null,
    overall_rating: record.overall ?? null,
    unix_review_time: record.unixReviewTime ?? null,
    review_time: record.reviewTime ?? null,
    verified: record.verified ?? null,
    style: record.style ?? null,
    image: record.image ?? null,
  };
}
