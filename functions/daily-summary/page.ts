// Writes a summary as one page, summary.html. It has no script and loads nothing. It shows names of Regions and products,
// rejection reasons and counts. Each section is a function in sections.ts.
import { escapeHtml } from './escape-html.ts';
import { clockTime, listed, longDate, meanText, percentText, wholeNumber } from './numbers.ts';
import { pageStyle } from './page-style.ts';
import { daysSection, productsSection, ratingsSection, regionsSection, rejectionsSection } from './sections.ts';
import type { Summary } from './summary.ts';

/** A complete HTML document. */
export function renderPage(summary: Summary): string {
  const { date, dayIsOver, readFrom, regions } = summary;
  const title = `Book reviews, ${longDate(date)}`;
  const note = dayIsOver
    ? ''
    : `<p class="note" role="note">This day is not over: these are its figures up to ${clockTime(readFrom.readAt)} UTC.</p>`;
  const where = regions.length === 0 ? '' : ` in ${listed(regions.map(({ region }) => region))}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<p>Book reviews</p>
<h1>${longDate(date)}</h1>
<p>${escapeHtml(`What was ingested on this day (UTC)${where}.`)}</p>
${note}
</header>
<dl class="tiles">
${tiles(summary)}
</dl>
${[regionsSection, daysSection, ratingsSection, productsSection, rejectionsSection].map((section) => section(summary)).join('\n')}
<footer>
${footer(summary)}
</footer>
</main>
</body>
</html>
`;
}

function tiles({ totals, days, rejections }: Summary): string {
  const before = days.at(-2)?.reviews ?? 0;
  const lines = rejections.regions.reduce((sum, { lines }) => sum + lines, 0);
  const rejected = rejections.regions.reduce((sum, { rejected }) => sum + rejected, 0);
  const known =
    rejections.regionsWithoutReports.length === 0
      ? ''
      : `, ${rejections.regions.map(({ region }) => region).join(', ')} only`;
  const list: [string, string, string][] = [
    ['Reviews', wholeNumber(totals.reviews), comparison(totals.reviews, before)],
    [
      'Mean rating',
      meanText(totals.meanRating),
      totals.rated === 0 ? 'nothing rated' : `of ${wholeNumber(totals.rated)} rated`,
    ],
    ['Products', wholeNumber(totals.products), 'reviewed on this day'],
    [
      'Rejected',
      percentText(lines === 0 ? null : rejected / lines),
      lines === 0 ? 'no lines reported' : `${wholeNumber(rejected)} of ${wholeNumber(lines)} lines${known}`,
    ],
  ];
  return list
    .map(
      ([name, value, remark]) =>
        `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd><dd>${escapeHtml(remark)}</dd></div>`,
    )
    .join('\n');
}

function comparison(reviews: number, before: number): string {
  if (before === 0) return 'none the day before';
  const percent = (100 * (reviews - before)) / before;
  if (Math.abs(percent) < 0.5) return 'as on the day before';
  // Beyond ten times as many, percents are hard to read.
  if (percent > 900) return `${wholeNumber(reviews / before)} times the day before`;
  return `${percent > 0 ? '+' : '−'}${wholeNumber(Math.abs(percent))}% on the day before`;
}

function footer({ readFrom, rejections }: Summary): string {
  const { region, role, readAt, newestRowAt } = readFrom;
  const how =
    role === 'primary'
      ? `Rows were read in ${region}, the primary Region, at ${clockTime(readAt)} UTC on ${readAt.slice(0, 10)}.`
      : `Rows were read in ${region}, a secondary Region, with session consistency, at ${clockTime(readAt)} UTC on ${readAt.slice(0, 10)}: what replication had not brought by then is not counted.`;
  const newest =
    newestRowAt === null
      ? 'The database held no rows.'
      : `The newest row of all was ingested at ${clockTime(newestRowAt)} UTC on ${newestRowAt.slice(0, 10)}.`;
  return `<p>${escapeHtml(`${how} ${newest}`)}</p>
<p>${escapeHtml(`Rejected records are counted from the reports in ${rejections.bucket}. A file that was ingested again counts on the later day there, and adds no rows.`)}</p>`;
}
