import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeReviewFiles, type ReviewFile } from '../../../local/reviews/make-reviews.ts';
import { countIndependently, type Reading, readIndependently } from '../../../local/reviews/read-independently.ts';

const root = mkdtempSync(join(tmpdir(), 'made-reviews-'));
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;
const make = (region: string, reviews: number, files?: number) =>
  makeReviewFiles({ region, reviews, directory: join(root, String(made++)), ...(files && { files }) });
const content = (files: ReviewFile[]) => files.map(({ name, path }) => [name, readFileSync(path, 'base64')]);
const total = async (files: ReviewFile[]) => {
  let withRecords = 0;
  for (const { path } of files) {
    const { lines, blank } = await countIndependently(path);
    withRecords += lines - blank;
  }
  return withRecords;
};

describe('made review files', () => {
  let files: ReviewFile[];
  const readings: Reading[] = [];
  beforeAll(async () => {
    files = await make('us-east-1', 2_000);
    for (const { path } of files) for await (const reading of readIndependently(path)) readings.push(reading);
  });
  const records = () => readings.filter((reading) => reading.kind === 'review').map(({ record }) => record);
  const texts = () => records().map(({ reviewText }) => String(reviewText ?? ''));

  it('are the same for the same Region and number, and others for another Region', async () => {
    expect(content(await make('us-east-1', 2_000))).toEqual(content(files));
    expect(content(await make('us-east-2', 2_000))).not.toEqual(content(files));
  });

  it.each([1, 2, 7, 8, 100, 2_000])('hold exactly %i lines with records', async (reviews) => {
    expect(await total(await make('us-east-1', reviews))).toBe(reviews);
  });

  it('hold lines of 450 to 500 bytes on average', () => {
    const plain = files.filter(({ name }) => name !== 'reviews.json.gz');
    const bytes = plain.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(bytes / (2_000 * (plain.length / files.length))).toBeGreaterThan(430);
    expect(bytes / (2_000 * (plain.length / files.length))).toBeLessThan(520);
  });

  it('come as plain files, one gzip and one JSON array', () => {
    const starts = files.map(({ path }) => readFileSync(path).subarray(0, 2).toString('latin1'));
    expect(starts.filter((start) => start === '\x1f\x8b')).toHaveLength(1);
    expect(starts.filter((start) => start.startsWith('['))).toHaveLength(1);
    expect(starts.filter((start) => /^[{\n]/.test(start))).toHaveLength(6);
  });

  it('hold one malformed line, missing identifiers and blank lines', () => {
    const reasons = readings.flatMap((reading) => (reading.kind === 'rejected' ? [reading.reason] : []));
    expect(reasons.filter((reason) => reason === 'not-json')).toHaveLength(1);
    expect(reasons).toContain('missing-reviewerID');
    expect(reasons).toContain('missing-asin');
    expect(readings.some(({ kind }) => kind === 'blank')).toBe(true);
  });

  it('hold missing texts, emoji, CJK, long texts, line separators, quotes and backslashes', () => {
    expect(records().some((record) => record.reviewText === undefined)).toBe(true);
    expect(records().some((record) => record.summary === undefined)).toBe(true);
    expect(records().some(({ summary }) => /\p{Extended_Pictographic}/u.test(String(summary)))).toBe(true);
    expect(texts().some((text) => /\p{Script=Han}/u.test(text))).toBe(true);
    expect(texts().some((text) => text.length >= 10_000)).toBe(true);
    expect(texts().some((text) => text.includes('\u2028'))).toBe(true);
    expect(texts().some((text) => text.includes('"') && text.includes('\\'))).toBe(true);
  });

  it('hold the older helpful, votes with thousands, style, image and a field that nobody knows', () => {
    expect(records().some(({ helpful }) => Array.isArray(helpful))).toBe(true);
    expect(records().some(({ vote }) => String(vote).includes(','))).toBe(true);
    for (const field of ['style', 'image', 'marketplace'])
      expect(records().some((record) => field in record)).toBe(true);
  });

  it('hold exact duplicates, and the same natural key with other content', () => {
    const contents = new Map<string, Set<string>>();
    for (const record of records()) {
      const key = JSON.stringify([record.reviewerID, record.asin, record.unixReviewTime]);
      contents.set(key, (contents.get(key) ?? new Set()).add(JSON.stringify(record)));
    }
    const distinct = [...contents.values()].reduce((sum, { size }) => sum + size, 0);
    expect(distinct).toBeLessThan(records().length);
    expect(contents.size).toBeLessThan(distinct);
  });

  it('hold CRLF line ends and a last line without one', () => {
    const plain = files.filter(({ name }) => !/gz|array/.test(name)).map(({ path }) => readFileSync(path, 'utf8'));
    expect(plain.some((text) => text.includes('}\r\n'))).toBe(true);
    expect(plain.some((text) => text.endsWith('}'))).toBe(true);
    expect(gunzipSync(readFileSync(files.find(({ name }) => name.endsWith('.gz'))?.path ?? '')).length).toBeGreaterThan(
      0,
    );
  });
});
