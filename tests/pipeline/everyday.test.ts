// Small files in the formats that people have, and files that arrive cut off first, go the whole way in both Regions at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SourceReport } from '../../local/demo/evidence.ts';
import { openScope } from '../../local/demo/interruption.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { type LocalRegion, startTwoRegions, type TwoRegions } from '../../local/demo/two-regions.ts';
import { s3ClientFor } from '../../local/storage/s3-server.ts';
import { everydayFiles, saysWhy } from '../support/everyday.ts';
import { uploadClients } from '../support/upload-clients.ts';

const records = Array.from({ length: 2_000 }, (_, number) =>
  JSON.stringify({ reviewerID: `A${number}`, asin: `B${number % 50}`, overall: 5, reviewText: `text ${number}` }),
);
/** Whole files of 2,000 records. Without the last part of it, each can only be read up to some record. */
const wholes: [string, Buffer][] = [
  ['array.json', Buffer.from(`[${records.join(',\n')}]`)],
  ['lines.json.gz', gzipSync(records.join('\n'))],
  ['array.json.gz', gzipSync(`[${records.join(',')}]`)],
];
/** Lines first, and later values that continue after their line. */
const changing = records.map((record, number) =>
  number < 1_500 ? record : JSON.stringify(JSON.parse(record), null, 2),
);
const changings: [string, Buffer][] = [
  ['changing.json', Buffer.from(changing.join('\n'))],
  ['changing.json.gz', gzipSync(changing.join('\n'))],
];
const cutOff = (body: Buffer) => body.subarray(0, Math.floor(body.length * 0.9));

/** Three parts of 5 MiB or two of 8 MiB, with 12 small records. */
const large = (mark: string) =>
  Buffer.from(
    Array.from(
      { length: 12 },
      (_, number) => `{"reviewerID":"C${number}",${' '.repeat(900_000)}"asin":"B1","reviewText":"${mark}"}`,
    ).join('\n'),
  );

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'everyday-'));
let two: TwoRegions;
/** By Region and key below pending, the reports. */
const reports: Record<string, Map<string, SourceReport[]>> = {};

async function upload({ name, region }: LocalRegion, files: [string, Buffer][]): Promise<void> {
  const s3 = s3ClientFor({ endpoint: region.s3.endpoint, credentials: region.s3 }, name);
  for (const [key, Body] of files) {
    await s3.send(new PutObjectCommand({ Bucket: region.bucket, Key: `book-review/reviews/${key}`, Body }));
  }
  s3.destroy();
  await region.idle();
}

beforeAll(async () => {
  two = await startTwoRegions(
    { rttMs: 12, lagMs: 0, stateDirectory: directory, parameters: { ChunkBytes: '65536' } },
    { scope, say: () => {} },
  );
  await Promise.all(
    two.regions.map(async (local) => {
      const everyday = everydayFiles().map(([name, { bytes }]): [string, Buffer] => [`everyday/${name}`, bytes()]);
      await upload(local, [...everyday, ...wholes.map(([name, body]): [string, Buffer] => [name, cutOff(body)])]);
      await upload(local, [...wholes, ...changings]);
      const all = (await local.bucket.reports()) as SourceReport[];
      const ofRegion = new Map<string, SourceReport[]>();
      for (const report of all) {
        const key = report.source.key.slice('book-review/reviews/'.length);
        ofRegion.set(key, [...(ofRegion.get(key) ?? []), report]);
      }
      reports[local.name] = ofRegion;
    }),
  );
}, 300_000);

afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

/** Rows of a source, as the primary has them. */
async function rowsOf({ source }: SourceReport): Promise<number> {
  const [found] = await withDatabase(two.regions[0].database(), (query) =>
    query<{ found: number }>('SELECT COUNT(*) AS found FROM book_reviews WHERE source_id = UNHEX(?)', [
      source.sourceId,
    ]),
  );
  return Number(found?.found);
}

describe.each(['us-east-1', 'us-east-2'])('in %s', (region) => {
  const reportsOf = (key: string) => reports[region]?.get(key) ?? [];

  it.each(everydayFiles())('%s ends as its owner expects', async (name, file) => {
    const [report, ...others] = reportsOf(`everyday/${name}`);
    if (!report) throw new Error('no report');
    expect(others).toEqual([]);
    expect([report.outcome, await rowsOf(report)]).toEqual([file.outcome, file.rows]);
    if (file.outcome === 'completed') expect(report.totals?.rejected).toBe(file.rejected);
    else expect([report.reason, saysWhy(file, JSON.stringify(report))]).toEqual([report.reason, true]);
  });

  it.each(changings)('%s has each record once', async (name) => {
    const ends = await Promise.all(reportsOf(name).map(async (report) => [report.outcome, await rowsOf(report)]));
    expect(ends).toEqual([['completed', records.length]]);
  });

  it.each(wholes)('%s cut off has no rows, and whole has each record once', async (name) => {
    const ends = await Promise.all(reportsOf(name).map(async (report) => [report.outcome, await rowsOf(report)]));
    expect(ends.sort()).toEqual([
      ['completed', records.length],
      ['failed', 0],
    ]);
  });

  it('a file that 8 clients upload in turn has each record once, and other bytes of its size are another file', async () => {
    const local = two.regions.find(({ name }) => name === region) as LocalRegion;
    const s3 = s3ClientFor({ endpoint: local.region.s3.endpoint, credentials: local.region.s3 }, region);
    const key = 'book-review/reviews/clients.json';
    const send = async (upload: (typeof uploadClients)[string], body: Buffer) => {
      await upload(s3, local.region.bucket, key, body);
      await local.region.idle();
    };
    const ends = async () => {
      const all = (await local.bucket.reports()) as SourceReport[];
      const ofKey = all.filter(({ source }) => source.key === key);
      return Promise.all(ofKey.map(async (report) => [report.outcome, await rowsOf(report)]));
    };
    const clients = Object.values(uploadClients);
    expect(clients).toHaveLength(8);
    for (const upload of clients) await send(upload, large('a'));
    expect(await ends()).toEqual([['completed', 12]]);
    for (const upload of clients.slice(-1)) await send(upload, large('b'));
    expect(await ends()).toEqual([
      ['completed', 12],
      ['completed', 12],
    ]);
    s3.destroy();
  }, 120_000);
});
