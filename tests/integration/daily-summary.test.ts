import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultReportLimits } from '../../functions/daily-summary/read-reports.ts';
import { type SummaryDependencies, summarizeDay } from '../../functions/daily-summary/summarize-day.ts';
import type { Summary } from '../../functions/daily-summary/summary.ts';
import { mapConcurrently } from '../../functions/shared/map-concurrently.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';

const day = '2026-11-20';
/** What each session was asked to run. */
const statements: string[] = [];
let mysql: MysqlServer;
let s3: S3Server;
let deps: SummaryDependencies;

interface Row {
  region: string;
  asin: string;
  rating: number | null;
  /** As the database's clock in UTC had it. */
  at: string;
}

/** Rows that are the same at each run, on the days around the day, and at its very edges. */
const rows: Row[] = [
  ...Array.from({ length: 3_000 }, (_, i) => ({
    region: i % 3 === 0 ? 'us-east-2' : 'us-east-1',
    asin: `B${String((i * i) % 97).padStart(3, '0')}`,
    rating: i % 11 === 0 ? null : i % 13 === 0 ? 3.5 : ((i * 7) % 5) + 1,
    at: new Date(
      Date.parse('2026-11-05T00:00:00Z') + ((i * 7_919_333) % (17 * 86_400)) * 1_000 + (i % 1_000),
    ).toISOString(),
  })),
  { region: 'us-east-1', asin: 'EDGE', rating: 0, at: `${day}T00:00:00.000Z` },
  { region: 'us-east-2', asin: 'edge', rating: 5, at: `${day}T23:59:59.999Z` },
  { region: 'us-east-2', asin: "<i>'\\", rating: 0.5, at: '2026-11-19T23:59:59.999Z' },
  { region: 'us-east-1', asin: "<i>'\\", rating: 4.5, at: '2026-11-21T00:00:00.000Z' },
];

const literal = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const sqlTime = (iso: string) => iso.replace('T', ' ').replace('Z', '');

beforeAll(async () => {
  [mysql, s3] = await Promise.all([startMysql(), startS3Server()]);
  await migrate(mysql.openSession);
  const values = rows.map(
    ({ region, asin, rating, at }, i) =>
      `(x'0123456789abcdef0123456789abcdef', ${i}, '${region}', 'R${i}', ${literal(asin)}, ${rating}, 'not to be seen', '${sqlTime(at)}')`,
  );
  await mysql.query(`SET time_zone = '+00:00'; INSERT INTO book_reviews
    (source_id, source_offset, region_indicator, reviewer_id, asin, overall_rating, review_text, ingested_at) VALUES ${values.join(',')}`);
  deps = {
    openSession: async (): Promise<Session> => {
      const session = await mysql.openSession();
      return {
        ...session,
        run: (sql, timeoutMs) => {
          if (typeof sql === 'string') statements.push(sql);
          return session.run(sql, timeoutMs);
        },
      };
    },
    s3: s3.client,
    bucket: s3.bucket,
    region: 'us-east-1',
    limits: defaultReportLimits,
    now: () => new Date('2026-11-21T09:00:00Z'),
    remainingMs: () => 120_000,
  };
});
afterAll(async () => {
  await s3?.stop();
  await mysql?.stop();
});

const summarize = (date?: string, overrides: Partial<SummaryDependencies> = {}) =>
  summarizeDay({ date }, { ...deps, ...overrides });

const group = <Item>(items: Item[], keyOf: (item: Item) => string) =>
  Object.groupBy(items, keyOf) as Record<string, Item[]>;
const meanOf = (some: Row[]) => {
  const rated = some.flatMap(({ rating }) => rating ?? []);
  return rated.length === 0 ? null : rated.reduce((sum, rating) => sum + rating, 0) / rated.length;
};
const on = (date: string) => rows.filter(({ at }) => at.startsWith(date));

describe('the summary of a day', () => {
  let summary: Summary;
  beforeAll(async () => {
    summary = (await summarize()).summary;
  });

  it('is that of yesterday if there is no date, with the whole day to its last millisecond and no other', () => {
    expect(summary.date).toBe(day);
    expect(on(day).length).toBeGreaterThan(100);
    expect(summary.totals.reviews).toBe(on(day).length);
  });

  it('has the totals, means and histograms that the rows have, by Region', () => {
    const compare = (found: Summary['totals'] | Summary['regions'][0] | undefined, some: Row[]) => {
      const histogram = [0, 1, 2, 3, 4, 5].map((stars) => ({
        stars,
        reviews: some.filter(({ rating }) => rating !== null && Math.floor(rating) === stars).length,
      }));
      expect(found).toMatchObject({
        reviews: some.length,
        rated: some.filter(({ rating }) => rating !== null).length,
        histogram,
      });
      expect(found?.meanRating).toBeCloseTo(meanOf(some) as number, 3);
    };
    compare(summary.totals, on(day));
    const byRegion = group(on(day), ({ region }) => region);
    expect(summary.regions.map(({ region }) => region)).toEqual(Object.keys(byRegion).sort());
    for (const found of summary.regions) {
      const own = byRegion[found.region] as Row[];
      compare(found, own);
      const times = own.map(({ at }) => at).sort();
      expect([found.firstIngestedAt, found.lastIngestedAt]).toEqual([times[0], times.at(-1)]);
    }
  });

  it('has fourteen days with the reviews of each Region', () => {
    expect(summary.days).toHaveLength(14);
    expect(summary.days[0]?.date).toBe('2026-11-07');
    for (const { date, reviews, byRegion } of summary.days) {
      expect(reviews).toBe(on(date).length);
      const expected = Object.entries(group(on(date), ({ region }) => region)).map(([name, own]) => [name, own.length]);
      expect(byRegion).toEqual(Object.fromEntries(expected));
    }
  });

  it('has the ten most reviewed products, ties by name, each with its mean', () => {
    const byAsin = Object.entries(group(on(day), ({ asin }) => asin));
    const order = byAsin.sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
    expect(summary.totals.products).toBe(byAsin.length);
    expect(summary.products.map(({ asin, reviews }) => [asin, reviews])).toEqual(
      order.slice(0, 10).map(([asin, own]) => [asin, own.length]),
    );
    for (const { asin, meanRating } of summary.products) {
      const expected = meanOf(on(day).filter((row) => row.asin === asin));
      if (expected === null) expect(meanRating).toBeNull();
      else expect(meanRating).toBeCloseTo(expected, 3);
    }
  });

  it('reads only, and only of a day at a time, by the index and without any text', async () => {
    expect(statements.length).toBeGreaterThan(0);
    for (const sql of statements) {
      expect(sql).toMatch(/^SELECT /);
      expect(sql).not.toMatch(/review_text|summary|reviewer|SELECT \*/);
      // A table this small is scanned whole; on one of any size the range is what there is to choose.
      const plan = await mysql.query<{ possible_keys: string | null; Extra: string | null }>(
        `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
      );
      const access = plan.map(({ possible_keys, Extra }) => `${possible_keys} ${Extra}`).join();
      expect(access).toMatch(/reviews_by_day|Select tables optimized away/);
    }
  });

  it('is the same when it is made again, and overwrites what was there', async () => {
    const again = await summarize(day);
    expect(again).toMatchObject({
      json: `book-review/summaries/${day}/summary.json`,
      html: `book-review/summaries/${day}/summary.html`,
    });
    const { readFrom: _, ...same } = again.summary;
    expect(summary).toMatchObject(same);
    expect(await s3.list('book-review/summaries/')).toEqual([again.html, again.json]);
    expect(JSON.parse((await s3.read(again.json)) as string)).toEqual(again.summary);
    const html = (await s3.read(again.html)) as string;
    expect(html).toContain(`<dd>${again.summary.totals.reviews.toLocaleString('en-US')}</dd>`);
    expect(html).not.toContain('not to be seen');
  });

  it('has zeros if the day has no reviews, and its page says so', async () => {
    const { summary: empty, html } = await summarize('2026-08-01');
    expect(empty.totals).toMatchObject({ reviews: 0, products: 0, meanRating: null });
    expect(await s3.read(html)).toContain('No reviews');
  });

  it('says of today that it is not over, and refuses tomorrow', async () => {
    const now = () => new Date();
    const { summary: ongoing } = await summarize(now().toISOString().slice(0, 10), { now });
    expect(ongoing.dayIsOver).toBe(false);
    await expect(summarize('2026-11-22')).rejects.toMatchObject({ name: 'InvalidInputError' });
  });

  it('is given up while there is time to say so', async () => {
    await expect(summarize(day, { remainingMs: () => 10_000 })).rejects.toMatchObject({
      name: 'TransientDatabaseError',
    });
  });
});

describe('rejected records', () => {
  const report = (overrides: object) => JSON.stringify({ ...makeReport(), ...overrides });
  const makeReport = () => ({
    outcome: 'completed',
    reason: null,
    region: 'us-east-1',
    totals: {
      lines: 10,
      inserted: 6,
      alreadyPresent: 1,
      rejected: 2,
      blank: 1,
      rejectedByReason: { 'malformed-json': 2 },
      unknownFields: 3,
    },
    chunks: 1,
    when: `${day}T12:00:00.000Z`,
  });
  const put = (name: string, body: string) => s3.put(`book-review/reports/${name}.json`, body);
  // The server stamps what is stored with the machine's clock; the summary looks at what was stored from its day on.
  const today = new Date().toISOString().slice(0, 10);
  const of = (overrides: Partial<SummaryDependencies> = {}) =>
    summarize(today, { now: () => new Date(), ...overrides });
  const at = (date: string) => ({ when: `${date}T00:00:00.000Z` });

  beforeAll(async () => {
    await put('a', report(at(today)));
    await put(
      'b',
      report({ ...at(today), totals: { ...makeReport().totals, rejectedByReason: { 'missing:asin': 2 } } }),
    );
    await put('peer', report({ ...at(today), region: 'us-east-2' }));
    await put('failed', report({ ...at(today), outcome: 'failed', totals: null }));
    await put('pending', report({ ...at(today), outcome: 'pending', totals: null }));
    await put('yesterday', report(at('2026-01-01')));
    await put('not-json', '{');
    await put('no-report', '{"outcome":"completed"}');
  });

  it('are counted from the reports of the day, by the Region that wrote them', async () => {
    const { rejections } = (await of()).summary;
    expect(rejections.isComplete).toBe(true);
    expect(rejections.regions).toEqual([
      {
        region: 'us-east-1',
        completed: 2,
        failed: 1,
        pending: 1,
        lines: 20,
        inserted: 12,
        alreadyPresent: 2,
        rejected: 4,
        blank: 2,
        rejectedByReason: { 'malformed-json': 2, 'missing:asin': 2 },
        rejectedShare: 0.2,
      },
      expect.objectContaining({ region: 'us-east-2', completed: 1, lines: 10, rejectedShare: 0.2 }),
    ]);
  });

  it('say that they are incomplete where a bound was met', async () => {
    const few = (await of({ limits: { listedKeys: 1_000_000, reports: 2 } })).summary.rejections;
    expect(few.isComplete).toBe(false);
    expect(few.regions.reduce((sum, { completed }) => sum + completed, 0)).toBeLessThanOrEqual(2);
  });

  it('are looked for page by page, in no more keys than the bound', async () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `a-${String(i).padStart(4, '0')}`);
    await mapConcurrently(names, 16, (name) => put(name, report(at(today))));
    const [all, bounded] = [await of(), await of({ limits: { listedKeys: 1, reports: 20_000 } })];
    const completed = ({ rejections }: Summary) => rejections.regions.reduce((sum, one) => sum + one.completed, 0);
    expect([completed(all.summary), all.summary.rejections.isComplete]).toEqual([1_003, true]);
    expect([completed(bounded.summary), bounded.summary.rejections.isComplete]).toEqual([1_000, false]);
  });

  it('are not known of a Region that has rows and no report', async () => {
    const { rejections } = (await summarize(day)).summary;
    expect(rejections).toMatchObject({ regions: [], regionsWithoutReports: ['us-east-1', 'us-east-2'] });
  });
});
