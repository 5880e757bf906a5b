// Makes the content of summary.json from rows, which count the reviews, and from reports, which alone count rejected records.
// Pure.
import type { RegionRole } from '../shared/mysql.ts';
import type { DayReports, RegionReports } from './read-reports.ts';
import type { DayRows, RatingRow } from './read-rows.ts';

/** Ratings in [stars, stars + 1). 5 has exactly 5. */
export interface RatingBin {
  stars: number;
  reviews: number;
}

/** `Σ ratings / rated`, or null if nothing was rated. */
interface Ratings {
  reviews: number;
  rated: number;
  meanRating: number | null;
  /** All of 0 to 5 stars. */
  histogram: RatingBin[];
}

export interface RegionDay extends Ratings {
  region: string;
  /** ISO 8601, or null if there are no reviews. */
  firstIngestedAt: string | null;
  lastIngestedAt: string | null;
}

export interface RegionRejections extends RegionReports {
  /** rejected / lines, 0 to 1, or null if no line was read. */
  rejectedShare: number | null;
}

export interface Summary {
  /** The day in UTC, by `ingested_at`. */
  date: string;
  /** False if the day was not over when it was read: then there is more to come. */
  dayIsOver: boolean;
  /** Where and how the rows were read. A secondary's rows come by replication: what had not arrived is not in it. */
  readFrom: {
    region: string;
    role: RegionRole;
    /** On a secondary, `session`: reads wait for this session's own forwarded writes, and it made none. */
    readConsistency: 'session' | null;
    /** The database's clock, ISO 8601. */
    readAt: string;
    /** The newest row of all that could be read, of whichever day; null in an empty table. */
    newestRowAt: string | null;
  };
  totals: Ratings & { products: number };
  /** Each Region with rows or reports of these days, sorted by name. */
  regions: RegionDay[];
  /** Oldest first. The day itself is the last. */
  days: { date: string; reviews: number; byRegion: Record<string, number> }[];
  products: { asin: string; reviews: number; meanRating: number | null }[];
  /** From the reports in this Region's bucket: its own, and those that the peer's bucket replicates. */
  rejections: {
    bucket: string;
    /** Sorted by name. If a Region is missing, its reports are not in the bucket, so its rejections are unknown. */
    regions: RegionRejections[];
    /** Regions that have rows of this day and no report of it in the bucket. */
    regionsWithoutReports: string[];
    /** False if a bound was met before all reports were read. */
    isComplete: boolean;
  };
}

export function summarize(
  { date, region, bucket, role }: { date: string; region: string; bucket: string; role: RegionRole },
  rows: DayRows,
  reports: DayReports,
): Summary {
  const names = new Set([
    ...rows.days.flatMap(({ byRegion }) => Object.keys(byRegion)),
    ...rows.ratings.map((row) => row.region),
    ...Object.keys(reports.regions),
  ]);
  const regions = [...names].sort();
  const withReports = regions.filter((name) => name in reports.regions);
  const ratingsOf = (name: string) => rows.ratings.filter((row) => row.region === name);
  return {
    date,
    dayIsOver: rows.readAtMs >= Date.parse(date) + 86_400_000,
    readFrom: {
      region,
      role,
      readConsistency: role === 'secondary' ? 'session' : null,
      readAt: isoTime(rows.readAtMs) as string,
      newestRowAt: isoTime(rows.newestRowAtMs),
    },
    totals: { ...ratings(rows.ratings), products: rows.productCount },
    regions: regions.map((name) => ({
      region: name,
      ...ratings(ratingsOf(name)),
      firstIngestedAt: isoTime(least(ratingsOf(name).map(({ firstMs }) => firstMs))),
      lastIngestedAt: isoTime(most(ratingsOf(name).map(({ lastMs }) => lastMs))),
    })),
    days: rows.days.map((day) => ({ ...day, reviews: sum(Object.values(day.byRegion)) })),
    products: rows.products.map(({ asin, reviews, rated, ratingSum }) => ({
      asin,
      reviews,
      meanRating: mean(ratingSum, rated),
    })),
    rejections: {
      bucket,
      regions: withReports.map((name) => withShare(reports.regions[name] as RegionReports)),
      regionsWithoutReports: regions.filter((name) => !(name in reports.regions) && ratingsOf(name).length > 0),
      isComplete: reports.isComplete,
    },
  };
}

function ratings(rows: readonly RatingRow[]): Ratings {
  const rated = rows.filter(({ stars }) => stars !== null);
  const ratedCount = sum(rated.map(({ reviews }) => reviews));
  return {
    reviews: sum(rows.map(({ reviews }) => reviews)),
    rated: ratedCount,
    meanRating: mean(sum(rated.map(({ ratingSum }) => ratingSum)), ratedCount),
    histogram: [0, 1, 2, 3, 4, 5].map((stars) => ({
      stars,
      reviews: sum(rated.filter((row) => row.stars === stars).map(({ reviews }) => reviews)),
    })),
  };
}

const withShare = (reports: RegionReports): RegionRejections => ({
  ...reports,
  rejectedShare: reports.lines === 0 ? null : round(reports.rejected / reports.lines, 6),
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const least = (values: readonly number[]) => (values.length === 0 ? null : Math.min(...values));
const most = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values));
/** The last digits of a sum of doubles depend on the order. Cut them off. */
const mean = (total: number, count: number) => (count === 0 ? null : round(total / count, 4));
const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits;
const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
