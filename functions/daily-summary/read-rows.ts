// The statements of the daily summary. They only read, and each is bounded in time and, by the index on ingested_at, to one day.
// With 1.5 million rows, 75,000 per day, they took 0.8 s. Without the index they took 14 s, which would grow with the table (MySQL 9.7).
import { TransientDatabaseError } from '../shared/errors.ts';
import type { Session } from '../shared/mysql.ts';
import { addDays, daysUntil } from './days.ts';

/** Reviews of a day with the same Region and the same whole stars. */
export interface RatingRow {
  region: string;
  /** 0 to 5, rounded down; null: not rated. */
  stars: number | null;
  reviews: number;
  ratingSum: number;
  /** Of `ingested_at`, milliseconds of Unix time. */
  firstMs: number;
  lastMs: number;
}

export interface DayRows {
  /** The database's clock, milliseconds of Unix time. */
  readAtMs: number;
  newestRowAtMs: number | null;
  ratings: RatingRow[];
  /** The most reviewed products, at most ten. Ties are in the order of the product's name. */
  products: { asin: string; reviews: number; rated: number; ratingSum: number }[];
  /** How many different products were reviewed that day. */
  productCount: number;
  /** Oldest first, with the day itself. */
  days: { date: string; byRegion: Record<string, number> }[];
}

export const historyDays = 14;

/** It takes minutes to read a day of 100 million rows. Give up after this time. */
const statementMs = 300_000;
/** Time left for the page and its upload. */
const reserveMs = 30_000;

const ms = (expression: string) => `CAST(UNIX_TIMESTAMP(${expression}) * 1000 AS SIGNED)`;
/** The session's time zone is UTC (functions/shared/mysql.ts). `date` was validated, so it may stand in the SQL. */
const during = (date: string) => `ingested_at >= '${date} 00:00:00' AND ingested_at < '${addDays(date, 1)} 00:00:00'`;

const clock = `SELECT ${ms('NOW(3)')} AS readAtMs, (SELECT ${ms('MAX(ingested_at)')} FROM book_reviews) AS newestRowAtMs`;

const ratingsOn = (
  date: string,
) => `SELECT region_indicator AS region, CAST(FLOOR(overall_rating) AS SIGNED) AS stars, COUNT(*) AS reviews,
  COALESCE(SUM(overall_rating), 0) AS ratingSum, ${ms('MIN(ingested_at)')} AS firstMs, ${ms('MAX(ingested_at)')} AS lastMs
FROM book_reviews WHERE ${during(date)} GROUP BY region, stars ORDER BY region, stars`;

// The window function counts the groups before LIMIT cuts them off. So one pass over the day gives both.
const productsOn = (
  date: string,
) => `SELECT asin, COUNT(*) AS reviews, COUNT(overall_rating) AS rated, COALESCE(SUM(overall_rating), 0) AS ratingSum,
  COUNT(*) OVER () AS productCount
FROM book_reviews WHERE ${during(date)} GROUP BY asin ORDER BY reviews DESC, asin LIMIT 10`;

const reviewsOn = (date: string) => `SELECT region_indicator AS region, COUNT(*) AS reviews
FROM book_reviews WHERE ${during(date)} GROUP BY region ORDER BY region`;

/** Reads no text of any review. @throws {TransientDatabaseError} also if the invocation's time is too short */
export async function readRows(session: Session, date: string, remainingMs: () => number): Promise<DayRows> {
  const ask = <Row>(sql: string) => {
    const timeoutMs = Math.min(statementMs, remainingMs() - reserveMs);
    if (timeoutMs <= 0) throw new TransientDatabaseError('the database did not answer in the time of one invocation');
    return session.run<Row[]>(sql, timeoutMs);
  };
  const [now] = await ask<Pick<DayRows, 'readAtMs' | 'newestRowAtMs'>>(clock);
  const ratings = await ask<RatingRow>(ratingsOn(date));
  const products = await ask<DayRows['products'][0] & { productCount: number }>(productsOn(date));
  const days: DayRows['days'] = [];
  // The day itself is already counted. There is one statement per day, so none reads more than one day.
  for (const day of daysUntil(date, historyDays).slice(0, -1)) {
    const counts = await ask<{ region: string; reviews: number }>(reviewsOn(day));
    days.push({ date: day, byRegion: Object.fromEntries(counts.map(({ region, reviews }) => [region, reviews])) });
  }
  const ownDay: Record<string, number> = {};
  for (const { region, reviews } of ratings) ownDay[region] = (ownDay[region] ?? 0) + reviews;
  return {
    readAtMs: now?.readAtMs ?? Number.NaN,
    newestRowAtMs: now?.newestRowAtMs ?? null,
    ratings,
    products: products.map(({ productCount: _, ...product }) => product),
    productCount: products[0]?.productCount ?? 0,
    days: [...days, { date, byRegion: ownDay }],
  };
}
