// What a small file costs: counted over the shipped bundles and state machine, MySQL and S3, where many files are uploaded at one moment.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openScope } from '../../local/demo/interruption.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { type FaultyRegions, startFaultyRegions } from '../../local/faults/faulty-regions.ts';
import { s3Fault } from '../../local/faults/make-fault.ts';
import { putter } from '../../local/faults/round.ts';
import type { S3Request } from '../../local/faults/s3-proxy.ts';

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'small-files-'));
let regions: FaultyRegions;

beforeAll(async () => {
  // As the template has them by default.
  const parameters = {
    SmallBytes: '1048576',
    BatchRows: '250',
    DbProcessingConcurrency: '8',
    SourceConcurrency: '2',
    ChunkConcurrency: '4',
  };
  regions = await startFaultyRegions(
    { rttMs: 12, lagMs: 0, stateDirectory: directory, parameters },
    { scope, say: () => {} },
  );
}, 180_000);
afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

/** Dollars of AWS in us-east-1, as docs/performance.md has them. Deletes cost nothing, nor do events of S3. */
const prices = { transition: 25e-6, invocation: 0.2e-6, write: 5e-6, read: 0.4e-6, message: 0.4e-6 };
/** Of SQS: sent one by one, received and deleted ten at once. */
const messageRequests = 1.2;

const review = (name: string) => `${JSON.stringify({ reviewerID: name, asin: 'B1', overall: 4 })}\n`;

/** Uploads while the queue holds its messages, and counts what happens then. */
async function costOf(index: 0 | 1, files: number, contentOf: (number: number) => string) {
  const faulty = regions.faulty[index];
  const { region, s3, events, name } = faulty;
  Object.assign(events, { delivery: 'held', times: files });
  const put = putter(faulty);
  const folder = `book-review/reviews/${name}/cost-${files}-${contentOf(0).length}/`;
  for (let number = 0; number < files; number += 1) {
    await put(`${folder}${number}.json`, Buffer.from(contentOf(number)));
  }
  await region.idle();
  const before = region.executions.length;
  let requests = 0;
  let writes = 0;
  let invocations = 0;
  const countOne = ({ method }: S3Request) => {
    requests += 1;
    if (method === 'PUT' || method === 'POST') writes += 1;
    return false;
  };
  s3.arm(s3Fault('s3-object-touched', countOne));
  for (const enqueue of events.held.splice(0)) enqueue();
  await region.idle();
  await regions.heal();
  put.close();
  const executions = region.executions.slice(before);
  for (const { results } of executions) invocations += Object.values(results).flat().length;
  const transitions = executions.reduce((sum, execution) => sum + execution.transitions, 0);
  expect(executions.map(({ status }) => status)).toEqual(executions.map(() => 'SUCCEEDED'));
  const rows = await withDatabase(faulty.database(), (query) =>
    query<{ n: number }>(`SELECT COUNT(*) AS n FROM book_reviews WHERE region_indicator = '${name}'`),
  );
  const dollars =
    transitions * prices.transition +
    invocations * prices.invocation +
    writes * prices.write +
    (requests - writes) * prices.read +
    files * messageRequests * prices.message;
  const counts = { executions: executions.length, requests, writes, invocations, transitions };
  return { rows: Number(rows[0]?.n), ...counts, dollarsPerFile: dollars / files };
}

describe.each([0, 1] as const)('a file of one review among many, in Region %i', (index) => {
  const files = 440;

  it('takes 0.15 state transitions, 0.03 invocations and five requests to S3 at the most', async () => {
    const cost = await costOf(index, files, (number) => review(`A${number}`));
    expect(cost).toMatchObject({ rows: files, executions: 1 });
    expect(cost.transitions).toBeGreaterThan(5);
    expect(cost.transitions / files).toBeLessThanOrEqual(0.15);
    expect(cost.invocations).toBeGreaterThanOrEqual(3);
    expect(cost.invocations / files).toBeLessThanOrEqual(0.03);
    expect(cost.requests / files).toBeGreaterThan(3);
    expect(cost.requests / files).toBeLessThanOrEqual(5);
    expect(1e6 * cost.dollarsPerFile).toBeLessThanOrEqual(15);
    expect(1e6 * cost.dollarsPerFile).toBeGreaterThan(10);
  });

  it('takes one request more where a record is rejected', async () => {
    const cost = await costOf(index, files, (number) => `${review(`B${number}`)}{"damaged\n`);
    expect(cost).toMatchObject({ rows: 2 * files, executions: 1 });
    expect(cost.requests / files).toBeGreaterThan(4);
    expect(cost.requests / files).toBeLessThanOrEqual(6);
  });
});

it('1,000 files of 1,000 reviews cost five cents at the most', async () => {
  const reviews = (number: number) =>
    Array.from({ length: 1_000 }, (_, line) => {
      const reviewText = 'It was a quick read, and most of it was fun. '.repeat(9);
      return `${JSON.stringify({ reviewerID: `C${number}-${line}`, asin: 'B1', overall: 4, reviewText })}\n`;
    }).join('');
  expect(reviews(0).length).toBeGreaterThan(450_000);
  const cost = await costOf(0, 32, reviews);
  expect(cost).toMatchObject({ rows: 2 * 440 + 32_000, executions: 1 });
  expect(1_000 * cost.dollarsPerFile).toBeLessThanOrEqual(0.05);
});
