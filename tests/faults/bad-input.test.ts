// Every bad input goes the whole way, all at once: event, state machine, bundles, MySQL. Then each is looked at by itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SourceReport } from '../../local/demo/evidence.ts';
import { openScope } from '../../local/demo/interruption.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { type LocalRegion, startTwoRegions, type TwoRegions } from '../../local/demo/two-regions.ts';
import { badLines, failedFiles, maxDecompressedMib, oddLines, wholeFiles } from './bad-inputs.ts';

const chunkBytes = 16_384;
const files = wholeFiles(chunkBytes);
const before = '{"reviewerID":"BEFORE","asin":"B1"}';
const after = '{"reviewerID":"AFTER","asin":"B1"}';
const between = (line: string | Buffer) =>
  Buffer.concat([Buffer.from(`${before}\n`), Buffer.from(line), Buffer.from(`\n${after}\n`)]);
/** Keys below the pending prefix. */
const keyOf = {
  badLine: (index: number) => `bad-line/${index}.json`,
  oddLine: (index: number) => `odd-line/${index}.json`,
  file: (index: number) => `file/${files[index]?.name ?? `${index}.json`}`,
  failed: (index: number) => `failed/${index}.json`,
  longest: `long/${'n'.repeat(1024 - 'book-review/reviews/long/'.length)}`,
  folder: 'folder/',
  hidden: '.hidden/lines.json',
};

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'bad-input-'));
let two: TwoRegions;
let local: LocalRegion;
let reports: Map<string, SourceReport & { movedTo: string }>;
/** Names below completed/. */
let completed: string[];

beforeAll(async () => {
  two = await startTwoRegions(
    {
      rttMs: 0,
      lagMs: 0,
      stateDirectory: directory,
      parameters: {
        ChunkBytes: String(chunkBytes),
        SmallBytes: '2000',
        BatchRows: '10',
        MaxDecompressedMiB: String(maxDecompressedMib),
      },
    },
    { scope, say: () => {} },
  );
  local = two.regions[0];
  const { endpoint, bucket: Bucket, accessKeyId, secretAccessKey } = local.region.s3;
  const s3 = new S3Client({
    region: local.name,
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const put = (name: string, body: string | Buffer) =>
    s3.send(new PutObjectCommand({ Bucket, Key: `book-review/reviews/${name}`, Body: Buffer.from(body) }));
  await Promise.all([
    ...badLines.map(({ line }, index) => put(keyOf.badLine(index), between(line))),
    ...oddLines.map(({ line }, index) => put(keyOf.oddLine(index), between(line))),
    ...files.map(({ body }, index) => put(keyOf.file(index), body)),
    ...failedFiles.map(({ body }, index) => put(keyOf.failed(index), body)),
    put(keyOf.longest, before),
    put(keyOf.folder, ''),
    put(keyOf.hidden, before),
  ]);
  s3.destroy();
  await local.region.idle();
  const all = (await local.bucket.reports()) as (SourceReport & { movedTo: string })[];
  completed = await local.bucket.list('completed');
  reports = new Map(all.map((report) => [report.source.key.slice('book-review/reviews/'.length), report]));
}, 180_000);

afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const rowsOf = (name: string) =>
  withDatabase(local.database(), (query) =>
    query<Record<string, unknown>>('SELECT * FROM book_reviews WHERE source_id = UNHEX(?) ORDER BY source_offset', [
      reports.get(name)?.source.sourceId,
    ]),
  );

async function rejectedOf(name: string) {
  const names = (await local.bucket.list('rejected')).filter(
    (key) => key.startsWith(`${name}.`) || key.startsWith(`${name}/`),
  );
  const texts = await Promise.all(names.map((key) => local.bucket.read('rejected', key)));
  return texts.flatMap((text) => text.trimEnd().split('\n')).map((text) => JSON.parse(text));
}

describe('a bad line is rejected with its reason and offset, and costs no other line', () => {
  it.each(badLines.map((bad, index) => [bad.what, bad, index] as const))(
    '%s',
    async (_what, { reason, line }, index) => {
      const name = keyOf.badLine(index);
      expect(reports.get(name)).toMatchObject({
        outcome: 'completed',
        totals: { lines: 3, inserted: 2, blank: 0, rejected: 1, rejectedByReason: { [reason]: 1 } },
      });
      expect(await rejectedOf(name)).toMatchObject([{ offset: before.length + 1, reason }]);
      const rows = await rowsOf(name);
      expect(rows.map((row) => [Number(row.source_offset), row.reviewer_id])).toEqual([
        [0, 'BEFORE'],
        [before.length + 1 + Buffer.from(line).length + 1, 'AFTER'],
      ]);
    },
  );
});

describe('an odd line is a row, value for value', () => {
  it.each(oddLines.map((odd, index) => [odd.what, odd, index] as const))('%s', async (_what, { row }, index) => {
    const name = keyOf.oddLine(index);
    expect(reports.get(name)).toMatchObject({ outcome: 'completed', totals: { lines: 3, inserted: 3, rejected: 0 } });
    const [, found] = await rowsOf(name);
    expect(found).toMatchObject({ source_offset: before.length + 1, ...row });
  });
});

describe('a file is completed, with each line accounted for', () => {
  it.each(files.map((file, index) => [file.what, file, index] as const))('%s', async (_what, { totals }, index) => {
    const name = keyOf.file(index);
    const rejected = Object.values(totals.rejectedByReason).reduce((sum, count) => sum + count, 0);
    expect(reports.get(name)?.totals).toMatchObject({ ...totals, rejected });
    expect(await rowsOf(name)).toHaveLength(totals.inserted);
    expect(reports.get(name)?.movedTo).toBe(`book-review/completed/${name}`);
    expect(completed).toContain(name);
  });

  it('a key of 1,024 bytes', async () => {
    expect(reports.get(keyOf.longest)).toMatchObject({ outcome: 'completed', totals: { lines: 1, inserted: 1 } });
    // S3 takes no longer ones; the embedded server does.
    const made = [
      ...completed.map((name) => `completed/${name}`),
      ...(await local.bucket.list('reports')).map((name) => `reports/${name}`),
    ];
    const ofIt = made.filter((name) => name.includes('/long/'));
    expect(ofIt).toHaveLength(2);
    for (const name of ofIt) expect(Buffer.byteLength(`book-review/${name}`)).toBeLessThanOrEqual(1024);
  });
});

describe('a file that fails for good is filed under failed/ with its reason', () => {
  it.each(failedFiles.map((file, index) => [file.what, file, index] as const))(
    '%s',
    async (_what, { reason, totals = null }, index) => {
      const name = keyOf.failed(index);
      const report = reports.get(name);
      expect(report).toMatchObject({ outcome: 'failed', totals, movedTo: `book-review/failed/${name}` });
      expect(report?.reason).toMatch(reason);
      expect(await local.bucket.list('failed')).toContain(name);
    },
  );
});

describe('an object that is no source', () => {
  it('a folder marker or a hidden file stays where it is and starts nothing', async () => {
    expect((await local.bucket.list('pending')).sort()).toEqual([keyOf.hidden, keyOf.folder].sort());
    for (const name of [keyOf.folder, keyOf.hidden]) expect(reports.has(name)).toBe(false);
  });

  it('leaves the table as it was, with any SQL in it', async () => {
    const [row] = await withDatabase(local.database(), (query) =>
      query<{ tables: number }>(
        "SELECT COUNT(*) AS tables FROM information_schema.tables WHERE table_name = 'book_reviews'",
      ),
    );
    expect(Number(row?.tables)).toBe(1);
  });
});
