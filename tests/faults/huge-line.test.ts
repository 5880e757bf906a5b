// A line of 1 GiB goes the whole way, over dozens of chunks of which only the first owns a line of it. That memory stays small
// is memory.test.ts's; here it is that the chunks agree on whose the line is, and that its neighbours are rows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SourceReport } from '../../local/demo/evidence.ts';
import { openScope } from '../../local/demo/interruption.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { startTwoRegions, type TwoRegions } from '../../local/demo/two-regions.ts';
import { s3ClientFor } from '../../local/storage/s3-server.ts';

const hugeBytes = 1024 ** 3;
const before = Buffer.from('{"reviewerID":"BEFORE","asin":"B1"}\n');
const after = Buffer.from('\n{"reviewerID":"AFTER","asin":"B1"}\n');

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'huge-line-'));
let two: TwoRegions;
beforeAll(async () => {
  const parameters = { ChunkBytes: String(16 * 1024 ** 2) };
  two = await startTwoRegions({ rttMs: 0, lagMs: 0, stateDirectory: directory, parameters }, { scope, say: () => {} });
}, 180_000);
afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

function* file() {
  const part = Buffer.alloc(1024 * 1024, 'x');
  yield before;
  for (let sent = 0; sent < hugeBytes; sent += part.length) yield part;
  yield after;
}

describe('1 GiB without a newline between two reviews', () => {
  it('is one rejected record with its reason and offset, and costs no other line', async () => {
    const { name, region, bucket, database } = two.regions[0];
    const s3 = s3ClientFor({ endpoint: region.s3.endpoint, credentials: region.s3 }, name);
    // Otherwise the upload is sent in pieces with a checksum, of which the embedded server makes one more copy.
    s3.config.requestChecksumCalculation = async () => 'WHEN_REQUIRED';
    await s3.send(
      new PutObjectCommand({
        Bucket: region.bucket,
        Key: 'book-review/reviews/huge.json',
        Body: Readable.from(file()),
        ContentLength: before.length + hugeBytes + after.length,
      }),
    );
    s3.destroy();
    await region.idle();
    const [report] = (await bucket.reports()) as (SourceReport & { chunks: number })[];
    expect(report).toMatchObject({
      outcome: 'completed',
      totals: { lines: 3, inserted: 2, rejected: 1, rejectedByReason: { 'line-too-long': 1 } },
    });
    expect(report?.chunks).toBeGreaterThan(50);
    const rejected = await bucket.list('rejected');
    expect(rejected).toHaveLength(1);
    const text = await bucket.read('rejected', rejected[0] as string);
    expect(text.length).toBeLessThan(10_000);
    expect(JSON.parse(text)).toMatchObject({ offset: before.length, reason: 'line-too-long', truncated: true });
    const rows = await withDatabase(database(), (query) =>
      query<Record<string, unknown>>('SELECT source_offset, reviewer_id FROM book_reviews ORDER BY source_offset'),
    );
    expect(rows.map((row) => [Number(row.source_offset), row.reviewer_id])).toEqual([
      [0, 'BEFORE'],
      [before.length + hugeBytes + 1, 'AFTER'],
    ]);
    expect(await bucket.list('completed')).toEqual(['huge.json']);
  }, 300_000);
});
