// What the daily summary reads, as a test needs it.
import type { DayReports, RegionReports } from '../../functions/daily-summary/read-reports.ts';
import type { DayRows, RatingRow } from '../../functions/daily-summary/read-rows.ts';
import { type Summary, summarize } from '../../functions/daily-summary/summary.ts';

export const day = '2026-11-20';
const noon = Date.parse(`${day}T12:00:00.000Z`);

export const makeRating = (overrides: Partial<RatingRow> = {}): RatingRow => ({
  region: 'us-east-1',
  stars: 5,
  reviews: 10,
  ratingSum: 50,
  firstMs: noon,
  lastMs: noon + 60_000,
  ...overrides,
});

export const makeRows = (overrides: Partial<DayRows> = {}): DayRows => ({
  readAtMs: Date.parse('2026-11-21T00:30:00.000Z'),
  newestRowAtMs: noon + 60_000,
  ratings: [],
  products: [],
  productCount: 0,
  days: [{ date: day, byRegion: {} }],
  ...overrides,
});

export const makeReports = (overrides: Partial<RegionReports> = {}): RegionReports => ({
  region: 'us-east-1',
  completed: 1,
  failed: 0,
  pending: 0,
  lines: 100,
  inserted: 90,
  alreadyPresent: 5,
  rejected: 4,
  blank: 1,
  rejectedByReason: { 'malformed-json': 1, 'missing:asin': 3 },
  ...overrides,
});

export const makeSummary = (
  rows: Partial<DayRows> = {},
  reports: DayReports = { regions: {}, isComplete: true },
  role: 'primary' | 'secondary' = 'primary',
): Summary => summarize({ date: day, region: 'us-east-1', bucket: 'book-reviews-test', role }, makeRows(rows), reports);

/** A day as it may be: two Regions, a fortnight, ten products. */
export function makeFullSummary(): Summary {
  const regions = ['us-east-1', 'us-east-2'];
  const counts = [812, 455, 1_240, 5_210, 23_400];
  const ratings = regions.flatMap((region, which) => [
    ...counts.map((reviews, i) =>
      makeRating({ region, stars: i + 1, reviews: reviews * (2 - which), ratingSum: reviews * (2 - which) * (i + 1) }),
    ),
    makeRating({ region, stars: null, reviews: 37, ratingSum: 0 }),
  ]);
  const sum = (region: string) =>
    ratings.filter((row) => row.region === region).reduce((total, { reviews }) => total + reviews, 0);
  const shares = [0.7, 0.9, 1.1, 1.3, 0.4, 0.2, 0, 0.8, 0.95, 1.2, 1.25, 0.9, 0.75, 1];
  const days = shares.map((share, i) => ({
    date: new Date(Date.parse('2026-11-07') + i * 86_400_000).toISOString().slice(0, 10),
    byRegion: Object.fromEntries(
      regions.map((region) => [region, Math.round(sum(region) * share)] as const).filter(([, count]) => count > 0),
    ),
  }));
  const products = Array.from({ length: 10 }, (_, i) => ({
    asin: i === 3 ? '<b onclick="x()">B&B\u202e' : `B00${String(7_341_917 * (i + 3)).slice(0, 7)}`,
    reviews: Math.round(412 * 0.82 ** i),
    rated: i === 6 ? 0 : 100,
    ratingSum: 310 + ((i * 37) % 170),
  }));
  const reports = {
    'us-east-1': makeReports({
      completed: 214,
      failed: 1,
      pending: 2,
      lines: 62_900,
      inserted: 62_271,
      alreadyPresent: 120,
      rejected: 480,
      blank: 29,
      rejectedByReason: { 'malformed-json': 61, 'missing:asin': 219, 'missing:reviewer_id': 200 },
    }),
    'us-east-2': makeReports({
      region: 'us-east-2',
      completed: 120,
      lines: 31_400,
      inserted: 31_154,
      alreadyPresent: 0,
      rejected: 230,
      blank: 16,
      rejectedByReason: { 'malformed-json': 30, 'too-long:summary': 200 },
    }),
  };
  return makeSummary(
    { ratings, products, productCount: 41_207, days },
    { regions: reports, isComplete: true },
    'secondary',
  );
}
