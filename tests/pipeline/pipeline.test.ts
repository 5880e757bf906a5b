// The whole way of a review file in two Regions: the shipped bundles and state machine, a MySQL primary and its replica, S3.
// Started once, with the same code as `npm run demo`. REVIEW_FILES (comma separated) names real files to ingest as well.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { proveSummary, summarizeToday } from '../../local/demo/daily-summary.ts';
import { filesOf } from '../../local/demo/files.ts';
import { openScope } from '../../local/demo/interruption.ts';
import type { Proof } from '../../local/demo/result.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { type FilesByRegion, type FirstPass, firstPass, secondPass } from '../../local/demo/two-passes.ts';
import { type LocalRegion, startTwoRegions, type TwoRegions } from '../../local/demo/two-regions.ts';
import { type ExpectedRow, expectedColumns, expectedRow } from '../../local/reviews/expected-row.ts';
import { readIndependently } from '../../local/reviews/read-independently.ts';

const regionNames = ['us-east-1', 'us-east-2'];
const fixtures = ['handwritten.jsonl', 'handwritten-array.json'].map((name) => resolve('tests/fixtures', name));
const realFiles = (process.env.REVIEW_FILES ?? '').split(',').filter((path) => path !== '');

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'pipeline-'));
const files: FilesByRegion = {};
const failures: string[] = [];
let two: TwoRegions;
let first: FirstPass;
let proofs: Proof[];

beforeAll(async () => {
  two = await startTwoRegions({ rttMs: 12, lagMs: 0, stateDirectory: directory }, { scope, say: () => {} });
  const say = (line: string) => failures.push(line);
  for (const name of regionNames) {
    const made = await filesOf(name, { inputs: undefined, reviews: 2_000, directory }, say);
    const named = await filesOf(
      name,
      { inputs: [...fixtures, ...realFiles], reviews: 0, directory: join(directory, 'none') },
      say,
    );
    files[name] = [...made, ...named];
  }
  const options = { scope, onFailure: say };
  first = await firstPass(two, files, options);
  proofs = await secondPass(two, files, first, options);
}, 180_000);

afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const regionNamed = (name: string): LocalRegion => {
  const found = two.regions.find((region) => region.name === name);
  if (!found) throw new Error(`no Region ${name}`);
  return found;
};

describe('review files uploaded in two Regions at once', () => {
  it('come to their end without any failure', () => {
    expect(failures).toEqual([]);
    for (const name of regionNames) {
      expect(first.figures[name]?.outcomes).toEqual({ completed: files[name]?.length, failed: 0, pending: 0 });
    }
  });

  it('leave every proof of the demo true', () => {
    expect(proofs.filter(({ ok }) => !ok)).toEqual([]);
    expect(proofs).toHaveLength(6);
  });

  it('are ingested by each Region under its own name, seen alike in both', () => {
    const inserted = Object.fromEntries(regionNames.map((name) => [name, first.figures[name]?.inserted]));
    for (const name of regionNames) expect(first.found[name]?.contents.rowsByRegionIndicator).toEqual(inserted);
  });
});

describe('the daily summary', () => {
  it.each(regionNames)('made in %s counts the rows of both Regions, as its database holds them', async (name) => {
    const page = join(directory, `${name}.html`);
    const summary = await summarizeToday(regionNamed(name), page);
    expect(proveSummary(summary, (first.found[name] as FirstPass['found'][string]).contents)).toMatchObject({
      ok: true,
    });
    expect(summary).toMatchObject({ readFrom: { region: name, role: regionNamed(name).role() } });
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>.*<svg class="chart wide"/s);
  });
});

describe('every field of every row is what an independent reading of the file says', () => {
  const compare = async (path: string) => {
    for (const ingestedIn of regionNames) {
      const file = files[ingestedIn]?.find((candidate) => candidate.path === path);
      if (!file) continue;
      const sourceId = first.found[ingestedIn]?.reports.find(({ source }) =>
        source.key.endsWith(`/reviews/${file.name}`),
      )?.source.sourceId;
      const expected = await expectedRows(path);
      for (const seenIn of regionNames) {
        const rows = await rowsOf(regionNamed(seenIn), String(sourceId));
        expect({ seenIn, rows: rows.length }).toEqual({ seenIn, rows: expected.length });
        for (const [index, row] of rows.entries()) {
          const { region_indicator, ...fields } = row;
          // One comparison a row: a difference names the row, and a file of thousands of rows stays quick.
          expect(fields).toEqual(expected[index]);
          expect(region_indicator).toBe(ingestedIn);
        }
      }
    }
  };

  it('in the made files', async () => {
    const paths = regionNames
      .flatMap((name) => (files[name] ?? []).map(({ path }) => path))
      .filter((path) => path.startsWith(directory));
    expect(paths).toHaveLength(16);
    for (const path of paths) await compare(path);
  });

  it.each(fixtures.map((path) => [basename(path), path]))('in the handwritten file %s', (_name, path) => compare(path));

  if (realFiles.length === 0) it.skip('in real files (REVIEW_FILES is not set)', () => {});
  else it.each(realFiles)('in the real file %s', compare);
});

describe('the local Regions', () => {
  it('start ingesting an object within 2 s after any S3 client has put it', async () => {
    const { region, name } = regionNamed('us-east-2');
    const { endpoint, bucket: Bucket, accessKeyId, secretAccessKey } = region.s3;
    const s3 = new S3Client({ region: name, endpoint, credentials: { accessKeyId, secretAccessKey } });
    const before = region.executions.length;
    const Body = '{"reviewerID":"A1","asin":"B1"}\n';
    await s3.send(new PutObjectCommand({ Bucket, Key: 'book-review/reviews/lone.json', Body }));
    const putAt = performance.now();
    while (region.executions.length === before && performance.now() - putAt < 5_000) await sleep(10);
    expect(performance.now() - putAt).toBeLessThan(2_000);
    await region.idle();
    expect(region.executions.at(-1)?.status).toBe('SUCCEEDED');
    s3.destroy();
  });

  it('file what can never succeed under failed/, with its reason, and the execution fails visibly', async () => {
    const { region, bucket } = regionNamed('us-east-1');
    const path = join(directory, 'truncated.json.gz');
    const whole = gzipSync(
      readFileSync(fixtures[0] as string)
        .toString('base64')
        .repeat(50),
    );
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    const before = region.executions.length;
    await bucket.upload('truncated.json.gz', path, statSync(path).size);
    while (region.executions.length === before) await sleep(20);
    await region.idle();
    expect(region.executions.at(-1)).toMatchObject({ status: 'FAILED', error: 'SourcesNotCompleted' });
    expect((await bucket.listing()).failed).toEqual(['truncated.json.gz']);
    const report = (await bucket.reports()).find(({ source }) => source.key.endsWith('/truncated.json.gz'));
    expect(report).toMatchObject({ outcome: 'failed', totals: null });
    expect(report?.reason).toMatch(/^InvalidInputError: /);
  });

  it('migrate on the primary only, and a second time change nothing', async () => {
    await expect(regionNamed('us-east-2').region.migrate()).rejects.toThrow();
    expect(await regionNamed('us-east-1').region.migrate()).toMatchObject({ applied: [] });
  });
});

async function expectedRows(path: string): Promise<ExpectedRow[]> {
  const rows: ExpectedRow[] = [];
  for await (const reading of readIndependently(path)) {
    if (reading.kind === 'review') rows.push(expectedRow(reading.offset, reading.record));
  }
  return rows;
}

const rowsOf = ({ database }: LocalRegion, sourceId: string) =>
  withDatabase(database(), async (query) => {
    const rows = await query<ExpectedRow & { region_indicator: string }>(
      `SELECT region_indicator, ${expectedColumns}
       FROM book_reviews WHERE source_id = UNHEX(?) ORDER BY source_offset`,
      [sourceId],
    );
    // MySQL has no boolean type: 1 and 0.
    return rows.map((row) => ({ ...row, verified: row.verified === null ? null : Boolean(row.verified) }));
  });
