// A made record in the shape that another data set has: the same review, with the fields of that format.
import type { MadeRecord } from './make-record.ts';

export type Shape = 'public' | 'amazon-2023' | 'goodreads';

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

function inGoodreads(record: MadeRecord, number: number): MadeRecord {
  const date = goodreadsDate(Number(record.unixReviewTime) + (number % 86_400));
  const hexadecimal = (text: unknown) => Buffer.from(`${text}`.padEnd(16)).toString('hex').slice(0, 32);
  return present({
    user_id: record.reviewerID === undefined ? undefined : hexadecimal(record.reviewerID),
    book_id: record.asin === undefined ? undefined : String(1_000_000 + number),
    review_id: hexadecimal(number),
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

export function inShape(record: MadeRecord, shape: Shape, number: number): MadeRecord {
  if (shape === 'amazon-2023') return in2023(record, number);
  return shape === 'goodreads' ? inGoodreads(record, number) : record;
}
