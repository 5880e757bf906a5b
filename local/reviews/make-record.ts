// One made record in the public review format, and the dirt that real review data has, each kind of it once in so many
// records. The intervals are primes, so that kinds meet in all combinations and 2,000 records show every kind.
import {
  chineseJapaneseKorean,
  emoji,
  identifier,
  longText,
  pick,
  quoted,
  reviewerNames,
  sentences,
  summaries,
} from './made-text.ts';

export type MadeRecord = Record<string, unknown>;

const months = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'];
const firstDay = 946_684_800; // 2000-01-01, in seconds of Unix time
const lastDay = 1_538_352_000; // 2018-10-01, where the public data ends

/** `09 4, 2015`, as the public data writes it. */
function reviewTime(unixSeconds: number): string {
  const day = new Date(unixSeconds * 1000);
  return `${months[day.getUTCMonth()]} ${day.getUTCDate()}, ${day.getUTCFullYear()}`;
}

function cleanRecord(random: () => number): MadeRecord {
  const unixReviewTime = firstDay + Math.floor((random() * (lastDay - firstDay)) / 86_400) * 86_400;
  const record: MadeRecord = {
    overall: 1 + Math.floor(Math.sqrt(random()) * 5),
    verified: random() < 0.7,
    reviewTime: reviewTime(unixReviewTime),
    reviewerID: identifier(random, 'A', 14),
    asin: identifier(random, random() < 0.5 ? 'B0' : '0', 10),
    reviewerName: pick(random, reviewerNames),
    reviewText: sentences(random),
    summary: pick(random, summaries),
    unixReviewTime,
  };
  if (random() < 0.4)
    record.style = { 'Format:': ` ${pick(random, ['Hardcover', 'Paperback', 'Kindle Edition', 'Audio CD'])}` };
  if (random() < 0.15) record.vote = String(2 + Math.floor(random() * 40));
  return record;
}

const firstImage = 'https://images-na.ssl-images-amazon.com/images/I/71KxnYq2EbL._SY88.jpg';

/** What a record is turned into, by its number: [one in so many, at which remainder, how]. */
const dirt: [number, number, (record: MadeRecord, random: () => number, previous: MadeRecord | undefined) => void][] = [
  [311, 5, (record) => delete record.reviewerID],
  [401, 6, (record) => delete record.asin],
  [173, 7, (record) => delete record.reviewText],
  [191, 8, (record) => delete record.summary],
  [229, 9, (record) => delete record.reviewerName],
  [
    19,
    10,
    (record, _random, previous) => {
      // The same reviewer, product and time with another text: in real data that is 2-20% of all rows.
      if (previous === undefined) return;
      for (const field of ['reviewerID', 'asin', 'unixReviewTime', 'reviewTime']) {
        if (previous[field] !== undefined) record[field] = previous[field];
      }
    },
  ],
  [
    31,
    11,
    (record, random) => {
      record.summary = `${record.summary ?? ''} ${pick(random, emoji)}`;
    },
  ],
  [
    43,
    12,
    (record, random) => {
      record.reviewText = `${pick(random, chineseJapaneseKorean)} ${record.reviewText ?? ''}`;
    },
  ],
  [
    1009,
    13,
    (record, random) => {
      record.reviewText = longText(random, 10_000 + Math.floor(random() * 30_000));
    },
  ],
  [
    211,
    14,
    (record) => {
      record.reviewText = `A line\u2028and a paragraph\u2029in one text. ${record.reviewText ?? ''}`;
    },
  ],
  [
    37,
    15,
    (record, random) => {
      record.reviewText = `${pick(random, quoted)} ${record.reviewText ?? ''}`;
    },
  ],
  [
    29,
    16,
    (record) => {
      record.image = [firstImage];
    },
  ],
  [
    223,
    17,
    (record, random) => {
      record.vote = `${1 + Math.floor(random() * 8)},${String(Math.floor(random() * 1000)).padStart(3, '0')}`;
    },
  ],
  [
    53,
    18,
    (record, random) => {
      // The older edition of the data: no verified, style or vote, but [helpful votes, all votes].
      delete record.verified;
      delete record.style;
      delete record.vote;
      const votes = Math.floor(random() * 9);
      record.helpful = [Math.floor(random() * (votes + 1)), votes];
    },
  ],
  [
    251,
    19,
    (record) => {
      record.marketplace = 'US';
    },
  ],
  [
    379,
    20,
    (record) => {
      record.reviewText = '';
    },
  ],
];

/** The record with this number; `previous` is the one before it in the same file. */
export function makeRecord(number: number, random: () => number, previous: MadeRecord | undefined): MadeRecord {
  if (number % 41 === 21 && previous !== undefined) return previous; // an exact duplicate
  const record = cleanRecord(random);
  for (const [interval, remainder, change] of dirt) {
    if (number % interval === remainder) change(record, random, previous);
  }
  return record;
}
