// A line's bytes become a review or the reason why they are none. Never an exception: a bad line costs no other line.

import { isUtf8 } from 'node:buffer';
import { parseJson } from '../shared/parse-json.ts';
import { integerProblem, isLongJson, jsonProblem, type Problem, textProblem } from './field-problems.ts';

/** What a row holds of a record, ready for its column. `style` and `image` are JSON texts. */
export interface Review {
  reviewerId: string;
  asin: string;
  reviewerName: string | null;
  vote: number | null;
  voteTotal: number | null;
  reviewText: string | null;
  summary: string | null;
  overallRating: number | null;
  /** Seconds. */
  unixReviewTime: number | null;
  reviewTime: string | null;
  verified: boolean | null;
  style: string | null;
  image: string | null;
  /** Fields that the schema has no place for. */
  unknownFields: number;
}

type Column =
  | 'reviewer_id'
  | 'asin'
  | 'reviewer_name'
  | 'vote'
  | 'vote_total'
  | 'review_text'
  | 'summary'
  | 'overall_rating'
  | 'unix_review_time'
  | 'review_time'
  | 'verified'
  | 'style'
  | 'image';

/** Why a line is no review; of a field's problem, with the column that the field belongs to. */
export type RejectionReason =
  | 'line-too-long'
  | 'invalid-utf8'
  | 'malformed-json'
  | 'not-an-object'
  | `${Problem}:${Column}`;

/** Bounds of database/migrations/: characters for VARCHAR, bytes for TEXT. */
export const maxCharacters = { reviewer_id: 64, asin: 32, reviewer_name: 512, review_time: 64 };
const maxSummaryBytes = 65_535;
const maxUnsignedInt = 4_294_967_295;
/** The year 5138 in seconds; a time of this century in milliseconds is beyond it. */
const maxUnixSeconds = 99_999_999_999;

const knownFields: ReadonlySet<string> = new Set([
  'reviewerID',
  'asin',
  'reviewerName',
  'helpful',
  'vote',
  'reviewText',
  'summary',
  'overall',
  'unixReviewTime',
  'reviewTime',
  'verified',
  'style',
  'image',
  // The public sample names some of its columns in this way.
  'reviewer_id',
  'reviewer_name',
  'review_text',
  'overall_rating',
  'unix_review_time',
  'review_time',
]);

/** `bytes`: one line without its newline, or one element of an array. A `null` counts as a missing field. */
export function parseReview(bytes: Buffer): Review | RejectionReason {
  if (!isUtf8(bytes)) return 'invalid-utf8';
  let parsed: unknown;
  try {
    parsed = parseJson(bytes.toString('utf8'));
  } catch {
    return 'malformed-json';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'not-an-object';
  // A field of the name __proto__ is one like any other here: JSON.parse makes it an own property.
  const record = parsed as Record<string, unknown>;
  let problem: Problem | undefined;

  const reviewerId = record.reviewerID ?? record.reviewer_id ?? '';
  problem = textProblem(reviewerId, maxCharacters.reviewer_id);
  if (problem) return `${problem}:reviewer_id`;
  if (reviewerId === '') return 'missing:reviewer_id';

  const asin = record.asin ?? '';
  problem = textProblem(asin, maxCharacters.asin);
  if (problem) return `${problem}:asin`;
  if (asin === '') return 'missing:asin';

  const reviewerName = record.reviewerName ?? record.reviewer_name ?? null;
  problem = textProblem(reviewerName, maxCharacters.reviewer_name);
  if (problem) return `${problem}:reviewer_name`;

  // No bound: a line is shorter than the column.
  const reviewText = record.reviewText ?? record.review_text ?? null;
  problem = textProblem(reviewText, Number.POSITIVE_INFINITY);
  if (problem) return `${problem}:review_text`;

  const summary = record.summary ?? null;
  problem = textProblem(summary, maxSummaryBytes);
  if (problem) return `${problem}:summary`;
  // Only a long one is measured: a character takes three bytes of UTF-8 for one unit of UTF-16 at most.
  if (summary !== null && (summary as string).length > maxSummaryBytes / 3) {
    if (Buffer.byteLength(summary as string) > maxSummaryBytes) return 'too-long:summary';
  }

  const reviewTime = record.reviewTime ?? record.review_time ?? null;
  problem = textProblem(reviewTime, maxCharacters.review_time);
  if (problem) return `${problem}:review_time`;

  const overallRating = record.overall ?? record.overall_rating ?? null;
  if (overallRating !== null) {
    if (typeof overallRating !== 'number') return 'wrong-type:overall_rating';
    if (!(overallRating >= 0 && overallRating <= 5)) return 'out-of-range:overall_rating';
  }

  const unixReviewTime = record.unixReviewTime ?? record.unix_review_time ?? null;
  problem = integerProblem(unixReviewTime, maxUnixSeconds, 'in-milliseconds');
  if (problem) return `${problem}:unix_review_time`;

  const helpful = record.helpful ?? null;
  if (helpful !== null && !(Array.isArray(helpful) && helpful.length === 2)) return 'wrong-type:vote';
  const [helpfulVotes = null, voteTotal = null] = helpful ?? [];
  const vote = voteOf(record.vote ?? helpfulVotes);
  problem = integerProblem(vote, maxUnsignedInt, 'out-of-range');
  if (problem) return `${problem}:vote`;
  problem = integerProblem(voteTotal, maxUnsignedInt, 'out-of-range');
  if (problem) return `${problem}:vote_total`;

  const verified = record.verified ?? null;
  if (verified !== null && typeof verified !== 'boolean') return 'wrong-type:verified';

  const style = record.style ?? null;
  if (style !== null && (typeof style !== 'object' || Array.isArray(style))) return 'wrong-type:style';
  problem = jsonProblem(style);
  if (problem) return `${problem}:style`;
  const styleText = style === null ? null : JSON.stringify(style);
  if (styleText !== null && isLongJson(styleText)) return 'too-long:style';

  const image = record.image ?? null;
  if (image !== null && !Array.isArray(image)) return 'wrong-type:image';
  problem = jsonProblem(image);
  if (problem) return `${problem}:image`;
  const imageText = image === null ? null : JSON.stringify(image);
  if (imageText !== null && isLongJson(imageText)) return 'too-long:image';

  let unknownFields = 0;
  for (const name in record) if (!knownFields.has(name)) unknownFields += 1;

  return {
    reviewerId: reviewerId as string,
    asin: asin as string,
    reviewerName: reviewerName as string | null,
    vote: vote as number | null,
    voteTotal: voteTotal as number | null,
    reviewText: reviewText as string | null,
    summary: summary as string | null,
    overallRating,
    unixReviewTime: unixReviewTime as number | null,
    reviewTime: reviewTime as string | null,
    verified,
    style: styleText,
    image: imageText,
    unknownFields,
  };
}

/** The public files write votes as text, with commas from a thousand on. */
function voteOf(value: unknown): unknown {
  return typeof value === 'string' && /^(\d{1,10}|\d{1,3}(,\d{3}){1,3})$/.test(value)
    ? Number(value.replaceAll(',', ''))
    : value;
}
