// A made record in the shape that another data set has: the same review, with the fields of that format.
import { expectedRow, isReview } from './expected-row.ts';
import type { MadeRecord } from './make-record.ts';

export type Shape = 'public' | 'public-sample' | 'amazon-2023' | 'goodreads' | 'goodreads-spoiler' | 'own-table';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Sun Jul 30 07:44:10 -0700 2017`. */
function goodreadsDate(unixSeconds: number): string {
  const there = new Date((unixSeconds - 7 * 3600) * 1000);
  const day = `${weekdays[there.getUTCDay()]} ${months[there.getUTCMonth()]} ${String(there.getUTCDate()).padStart(2, '0')}`;
  return `${day} ${there.toISOString().slice(11, 19)} -0700 ${there.getUTCFullYear()}`;
}

const votesOf = (record: MadeRecord): number => {
  const helpful = Array.isArray(record.helpful) ? record.helpful[0] : 0;
  return Number(String(record.vote ?? helpful).replaceAll(',', ''));
};

/** Leaves out what the record lacks. */
function present(record: MadeRecord): MadeRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function in2023(record: MadeRecord, number: number): MadeRecord {
  const images = ((record.image as string[] | undefined) ?? []).map((large) => ({
    small_image_url: large.replace('SY88', 'SL256'),
    medium_image_url: large.replace('SY88', 'SL800'),
    large_image_url: large,
    attachment_type: 'IMAGE',
  }));
  return present({
    rating: record.overall,
    title: record.summary,
    text: record.reviewText,
    images,
    asin: record.asin,
    parent_asin: record.asin,
    user_id: typeof record.reviewerID === 'string' ? `${record.reviewerID}AAAAAAAAAAAAAA` : undefined,
    timestamp: Number(record.unixReviewTime) * 1000 + (number % 1000),
    helpful_vote: votesOf(record),
    verified_purchase: record.verified ?? true,
  });
}

/** 32 digits, as Goodreads writes its ids. */
const hexadecimal = (text: unknown) => Buffer.from(`${text}`.padEnd(16)).toString('hex').slice(0, 32);

/** The fields that name a review in both sets of Goodreads. */
const goodreadsIds = (record: MadeRecord, number: number): MadeRecord => ({
  user_id: record.reviewerID === undefined ? undefined : hexadecimal(record.reviewerID),
  book_id: record.asin === undefined ? undefined : String(1_000_000 + number),
  review_id: hexadecimal(number),
});

function inGoodreads(record: MadeRecord, number: number): MadeRecord {
  const date = goodreadsDate(Number(record.unixReviewTime) + (number % 86_400));
  return present({
    ...goodreadsIds(record, number),
    rating: record.overall,
    review_text: record.reviewText,
    date_added: date,
    date_updated: date,
    read_at: number % 2 === 0 ? date : '',
    started_at: '',
    n_votes: votesOf(record),
    n_comments: number % 7,
  });
}

/** Each sentence has a mark: 1 where it tells the end of the story. */
function inGoodreadsSpoiler(record: MadeRecord, number: number): MadeRecord {
  const sentences = String(record.reviewText ?? '').split(/(?<=[.!?]) /);
  return present({
    ...goodreadsIds(record, number),
    timestamp: new Date(Number(record.unixReviewTime) * 1000).toISOString().slice(0, 10),
    review_sentences: sentences.map((sentence, index) => [Number((number + index) % 9 === 0), sentence]),
    rating: record.overall,
    has_spoiler: number % 9 === 0,
  });
}

/** Fields of a made record that the table of the public sample lacks. */
const notInSample = new Set(['style', 'vote', 'image', 'helpful', 'marketplace']);
const inPublicSample = (record: MadeRecord) =>
  present(Object.fromEntries(Object.entries(record).filter(([name]) => !notInSample.has(name))));

/** The row that the record became, as a client of MySQL gives it: JSON as it is or as a text, and no booleans. */
function inOwnTable(record: MadeRecord, number: number): MadeRecord {
  const { source_offset: _, ...columns } = expectedRow(0, record);
  const ids = isReview(record) ? {} : { reviewer_id: record.reviewerID ?? null, asin: record.asin ?? null };
  const json = (value: unknown) => (number % 2 === 0 || value === null ? value : JSON.stringify(value));
  const { verified, style, image, other_fields } = columns;
  return {
    source_id: hexadecimal(`source ${number}`).toUpperCase(),
    source_offset: number * 400,
    region_indicator: 'us-east-1',
    ...columns,
    ...ids,
    verified: verified === null ? null : Number(verified),
    style: json(style),
    image: json(image),
    other_fields: json(other_fields),
    ingested_at: '2026-01-05 10:00:00.000',
  };
}

/** The shapes that a record of the public data is turned into. */
const shapes: Record<Shape, (record: MadeRecord, number: number) => MadeRecord> = {
  public: (record) => record,
  'public-sample': inPublicSample,
  'amazon-2023': in2023,
  goodreads: inGoodreads,
  'goodreads-spoiler': inGoodreadsSpoiler,
  'own-table': inOwnTable,
};

export const inShape = (record: MadeRecord, shape: Shape, number: number): MadeRecord => shapes[shape](record, number);
