// The sections of the page, in its order.
import { type ColumnChart, columnChart } from './column-chart.ts';
import { escapeHtml } from './escape-html.ts';
import { clockTime, listed, longDate, meanText, percentText, shortDate, wholeNumber } from './numbers.ts';
import type { Summary } from './summary.ts';
import { htmlOf, type Markup, markup, numbers, type Row, table } from './tables.ts';

const section = (title: string, about: string, content: string) =>
  `<section><h2>${escapeHtml(title)}</h2>${about === '' ? '' : `<p>${escapeHtml(about)}</p>`}\n${content}\n</section>`;

/** Drawn twice, for wide and for narrow screens, so that letters are readable on both. The page's style shows one. */
function figure(chart: Omit<ColumnChart, 'width' | 'className'>): string {
  const columns = chart.columns.map(({ briefLabel, ...column }) => ({ ...column, label: briefLabel ?? column.label }));
  const wide = columnChart({ ...chart, width: 880, className: 'wide' });
  const narrow = columnChart({ ...chart, columns, id: `${chart.id}-narrow`, width: 360, className: 'narrow' });
  return `<figure>${wide}${narrow}</figure>`;
}

/** A Region's name with the colour that it has in the charts. */
const keyed = (region: string, index: number): Markup =>
  markup(
    `<svg class="key" viewBox="0 0 1 1" aria-hidden="true"><rect class="mark s${index}" width="1" height="1"/></svg>${escapeHtml(region)}`,
  );

const legend = (names: string[]) =>
  names.length < 2
    ? ''
    : `<ul class="legend">${names.map((name, index) => `<li>${htmlOf(keyed(name, index))}</li>`).join('')}</ul>\n`;

const plural = (count: number, one: string, more = `${one}s`) => `${wholeNumber(count)} ${count === 1 ? one : more}`;

export function regionsSection({ regions, totals }: Summary): string {
  if (regions.length === 0)
    return section('Regions', 'No Region ingested anything on this day or in the two weeks before it.', '');
  const row = (name: string, of: (one: (typeof regions)[number]) => string): Row => ({
    cells: [name, ...regions.map(of)],
  });
  const time = (at: string | null) => (at === null ? '–' : clockTime(at));
  const rows = [
    row('Reviews', ({ reviews }) => wholeNumber(reviews)),
    row('Share', ({ reviews }) => percentText(totals.reviews === 0 ? null : reviews / totals.reviews)),
    row('Mean rating', ({ meanRating }) => meanText(meanRating)),
    row('First, UTC', ({ firstIngestedAt }) => time(firstIngestedAt)),
    row('Last, UTC', ({ lastIngestedAt }) => time(lastIngestedAt)),
  ];
  return section(
    'Regions',
    'Where the reviews were ingested; each Region marks its own rows.',
    table('Reviews by Region', ['', ...regions.map(({ region }, index) => keyed(region, index))], rows),
  );
}

export function daysSection({ date, days, regions }: Summary): string {
  const names = regions.map(({ region }) => region);
  const most = days.reduce((best, day) => (day.reviews > best.reviews ? day : best));
  const total = days.reduce((sum, { reviews }) => sum + reviews, 0);
  const chart = figure({
    id: 'days',
    title: `Reviews a day by Region, ${days.length} days up to ${shortDate(date)}`,
    description:
      total === 0
        ? `No reviews in these ${days.length} days.`
        : `${plural(total, 'review')} in ${days.length} days; the most, ${wholeNumber(most.reviews)}, on ${longDate(most.date)}. The table beneath has all numbers.`,
    series: names,
    columns: days.map((day) => ({
      label: shortDate(day.date),
      name: shortDate(day.date),
      values: names.map((name) => day.byRegion[name] ?? 0),
      isEmphasized: day.date === date,
    })),
  });
  const rows: Row[] = [...days].reverse().map((day) => ({
    cells: [longDate(day.date), ...names.map((name) => wholeNumber(day.byRegion[name] ?? 0)), wholeNumber(day.reviews)],
    ...(day.date === date && { className: 'strong' as const }),
  }));
  return section(
    'Reviews a day',
    `By the day of their ingestion, UTC: ${plural(total, 'review')} in ${days.length} days.`,
    `${legend(names)}${chart}\n${numbers(table('Reviews a day', ['Day', ...names, 'All'], rows))}`,
  );
}

export function ratingsSection({ totals, regions }: Summary): string {
  const names = regions.map(({ region }) => region);
  const unrated = (one: { reviews: number; rated: number }) => one.reviews - one.rated;
  // Shops rate from 1 to 5. Lower or missing ratings get a column only if there are any.
  const bins = [
    ...totals.histogram
      .filter(({ stars, reviews }) => stars > 0 || reviews > 0)
      .map(({ stars, reviews }) => ({
        label: stars === 1 ? '1 star' : `${stars} stars`,
        briefLabel: `${stars} ★`,
        all: reviews,
        values: regions.map(({ histogram }) => histogram[stars]?.reviews ?? 0),
      })),
    ...(unrated(totals) > 0
      ? [{ label: 'not rated', briefLabel: 'unrated', all: unrated(totals), values: regions.map(unrated) }]
      : []),
  ];
  const most = bins.reduce((best, bin) => (bin.all > best.all ? bin : best));
  const chart = figure({
    id: 'ratings',
    title: 'Ratings of the day by Region',
    description:
      totals.reviews === 0
        ? 'No reviews on this day.'
        : `Most often, ${wholeNumber(most.all)} of ${wholeNumber(totals.reviews)} times: ${most.label}. Mean ${meanText(totals.meanRating)}. The table beneath has all numbers.`,
    series: names,
    columns: bins.map(({ label, briefLabel, values }) => ({ label, briefLabel, name: label, values })),
  });
  const rows: Row[] = [
    ...bins.map(({ label, all, values }) => ({
      cells: [
        label,
        ...values.map(wholeNumber),
        wholeNumber(all),
        percentText(totals.reviews === 0 ? null : all / totals.reviews),
      ],
    })),
    {
      cells: ['Mean', ...regions.map(({ meanRating }) => meanText(meanRating)), meanText(totals.meanRating), ''],
      className: 'all',
    },
  ];
  return section(
    'Ratings',
    'Reviews by full stars; a fraction of a star counts with the star below it.',
    `${legend(names)}${chart}\n${numbers(table('Ratings', ['Rating', ...names, 'All', 'Share'], rows))}`,
  );
}

export function productsSection({ products, totals }: Summary): string {
  if (products.length === 0) return section('Most reviewed products', 'No product was reviewed on this day.', '');
  const most = products[0]?.reviews ?? 1;
  const rows: Row[] = products.map(({ asin, reviews, meanRating }, index) => ({
    cells: [
      markup(`<span class="rank">${index + 1}</span><bdi class="asin">${escapeHtml(asin)}</bdi>`),
      bar(reviews / most),
      wholeNumber(reviews),
      meanText(meanRating),
    ],
  }));
  return section(
    'Most reviewed products',
    products.length < totals.products
      ? `The first ${products.length} of ${wholeNumber(totals.products)} products, by their reviews of this day.`
      : 'All products that were reviewed on this day.',
    table('Most reviewed products', ['Product (ASIN)', '', 'Reviews', 'Mean rating'], rows),
  );
}

/** @param share of the longest bar. The number is next to it, so a screen reader can skip the bar. */
const bar = (share: number): Markup =>
  markup(
    `<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="mark" width="${Math.max(1, Math.round(share * 1000) / 10)}" height="8" rx="1"/></svg>`,
  );

export function rejectionsSection({ rejections }: Summary): string {
  const { regions, regionsWithoutReports, isComplete } = rejections;
  const notes: string[] = [];
  if (regionsWithoutReports.length > 0) {
    notes.push(
      `No report of ${listed(regionsWithoutReports)} for this day is in this Region's bucket, so what was rejected there is not known here.`,
    );
  }
  if (!isComplete) notes.push('There are more reports than could be read; these counts are lower than the true ones.');
  const noteText = notes.map((note) => `\n<p class="note" role="note">${escapeHtml(note)}</p>`).join('');
  if (regions.length === 0) return section('Rejected records', 'No file was finished on this day.', noteText);
  const names = regions.map(({ region }) => region);
  const row = (name: string, of: (one: (typeof regions)[number]) => string): Row => ({
    cells: [name, ...regions.map(of)],
  });
  const rows = [
    row('Files completed', ({ completed }) => wholeNumber(completed)),
    row('Files failed', ({ failed }) => wholeNumber(failed)),
    row('Files left pending', ({ pending }) => wholeNumber(pending)),
    row('Lines', ({ lines }) => wholeNumber(lines)),
    row('Inserted', ({ inserted }) => wholeNumber(inserted)),
    row('Already present', ({ alreadyPresent }) => wholeNumber(alreadyPresent)),
    row('Blank', ({ blank }) => wholeNumber(blank)),
    row('Rejected', ({ rejected }) => wholeNumber(rejected)),
    row('Rejected share', ({ rejectedShare }) => percentText(rejectedShare)),
  ];
  const reasons = [...new Set(regions.flatMap(({ rejectedByReason }) => Object.keys(rejectedByReason)))].sort();
  const reasonRows: Row[] = reasons.map((reason) => ({
    cells: [reason, ...regions.map(({ rejectedByReason }) => wholeNumber(rejectedByReason[reason] ?? 0))],
  }));
  const byReason =
    reasons.length === 0
      ? ''
      : `\n<h3>Why</h3>\n${table('Rejected records by reason', ['Reason', ...names], reasonRows)}`;
  return section(
    'Rejected records',
    'Lines of the files that were finished on this day, as their reports account for them.',
    table('Lines by Region', ['', ...names], rows) + byReason + noteText,
  );
}
