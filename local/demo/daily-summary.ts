// Makes the daily summary of the demo's day by the function, as its schedule would, and fetches it as a person would.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Proof } from './result.ts';
import type { Contents } from './rows.ts';
import type { LocalRegion } from './two-regions.ts';

/** The checked parts of summary.json, read only with JSON.parse. */
export interface SummaryFile {
  date: string;
  totals: { reviews: number; rated: number; histogram: { reviews: number }[] };
  regions: { region: string; reviews: number }[];
  days: { date: string; reviews: number; byRegion: Record<string, number> }[];
}

/** Invokes the function for today (UTC) and saves the page to `pageFile`. */
export async function summarizeToday({ region, bucket }: LocalRegion, pageFile: string): Promise<SummaryFile> {
  const date = new Date().toISOString().slice(0, 10);
  await region.invoke('DailySummaryFunction', { date });
  await mkdir(dirname(pageFile), { recursive: true });
  await writeFile(pageFile, await bucket.read('summaries', `${date}/summary.html`));
  return JSON.parse(await bucket.read('summaries', `${date}/summary.json`)) as SummaryFile;
}

/**
 * Proves that the summary has each Region's rows over all its days, and that its day adds up. It uses all days, because midnight may
 * pass during a demo.
 */
export function proveSummary(
  summary: SummaryFile,
  { rowsByRegionIndicator }: Pick<Contents, 'rowsByRegionIndicator'>,
): Proof {
  const faults: string[] = [];
  const counted: Record<string, number> = {};
  for (const { byRegion } of summary.days) {
    for (const [region, reviews] of Object.entries(byRegion)) counted[region] = (counted[region] ?? 0) + reviews;
  }
  for (const region of new Set([...Object.keys(counted), ...Object.keys(rowsByRegionIndicator)])) {
    const [summarized, held] = [counted[region] ?? 0, rowsByRegionIndicator[region] ?? 0];
    if (summarized !== held) faults.push(`${region}: ${n(summarized)} in the summary, ${n(held)} in the database`);
  }
  const { totals, regions, days, date } = summary;
  const ofDay = days.find((day) => day.date === date)?.reviews;
  const byRegion = sum(regions);
  if (totals.reviews !== ofDay || totals.reviews !== byRegion) {
    faults.push(`${date}: ${n(totals.reviews)} in all, ${n(ofDay ?? 0)} in its history, ${n(byRegion)} by Region`);
  }
  if (sum(totals.histogram) !== totals.rated) faults.push('the histogram does not have all ratings');
  const detail = Object.entries(counted).map(([region, reviews]) => `${region} ${n(reviews)}`);
  return {
    name: 'The daily summary counts what the database holds',
    ok: faults.length === 0,
    detail: faults.length === 0 ? detail.join(', ') : faults.join('\n'),
  };
}

const sum = (some: { reviews: number }[]) => some.reduce((total, { reviews }) => total + reviews, 0);
const n = (value: number) => value.toLocaleString('en-US');
