// Long, because each step begins where the one before it ends: the loss of a Region, planned and not, and the way back, each
// step as docs/operations.md has it.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bundle, BundlePage } from '../../functions/shared/bundle-contract.ts';
import type { Page, Source } from '../../functions/shared/contract.ts';
import { mapConcurrently } from '../../functions/shared/map-concurrently.ts';
import { openScope } from '../../local/demo/interruption.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { type FaultyRegion, type FaultyRegions, startFaultyRegions } from '../../local/faults/faulty-regions.ts';
import { judgeRound, type Work } from '../../local/faults/judge-round.ts';
import { putter } from '../../local/faults/round.ts';
import { etagOf } from '../../local/faults/workload.ts';
import { s3ClientFor } from '../../local/storage/s3-server.ts';
import { until } from '../../local/until.ts';

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'region-loss-'));
const remembered = { rows: 0, unnamed: 0 };
let regions: FaultyRegions;
let east: FaultyRegion;
let west: FaultyRegion;

beforeAll(async () => {
  regions = await startFaultyRegions({ rttMs: 12, lagMs: 5, stateDirectory: directory }, { scope, say: () => {} });
  [east, west] = regions.faulty;
}, 180_000);
afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const fileOf = (word: string, lines: number) =>
  Buffer.from(
    Array.from({ length: lines }, (_, n) => `{"reviewerID":"A${n}","asin":"B1","summary":"${word} ${n}"}\n`).join(''),
  );

/** A file in a separate folder, as a workload to judge. */
function workOf(region: FaultyRegion, name: string, lines: number): Work & { key: string; body: Buffer } {
  const folder = `${region.name}/${name}/`;
  const key = `book-review/reviews/${folder}file.json`;
  const body = fileOf(`${region.name} ${name}`, lines);
  const versions = [{ key, body, etag: etagOf(body), mustComplete: true }];
  return { region, folder, key, body, workload: { uploads: [], versions, overwrite: { key, body } } };
}

async function upload({ region, key, body }: ReturnType<typeof workOf>) {
  const put = putter(region);
  await put(key, body);
  put.close();
}

const completedOf = async ({ region, folder }: Work) =>
  (await region.ownBucket.list('completed')).some((name) => name.startsWith(folder));
const settled = () => Promise.all(regions.faulty.map(({ region }) => region.idle()));
const drained = () =>
  Promise.all(
    regions.faulty.map(async ({ region }) => {
      await region.idle();
      await region.startExecution({}).ended;
    }),
  );
const judged = async (...works: Work[]) => (await judgeRound(regions, works, remembered)).faults;
const rowsSeen = ({ database }: FaultyRegion) =>
  withDatabase(database(), async (query) =>
    Number((await query<{ n: number }>('SELECT COUNT(*) AS n FROM book_reviews'))[0]?.n),
  );

/** What S3 replicates of a completed file to the peer's bucket: the file itself and its report, metadata included. */
async function replicate({ region, folder }: Work, to: FaultyRegion) {
  const clientOf = ({ name, region: { s3 } }: FaultyRegion) =>
    s3ClientFor({ endpoint: s3.endpoint, credentials: s3 }, name);
  const [from, into] = [clientOf(region), clientOf(to)];
  for (const prefix of ['completed', 'reports'] as const) {
    for (const name of (await region.ownBucket.list(prefix)).filter((each) => each.startsWith(folder))) {
      const Key = `book-review/${prefix}/${name}`;
      const { Body, Metadata = {} } = await from.send(new GetObjectCommand({ Bucket: region.region.bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      await into.send(new PutObjectCommand({ Bucket: to.region.bucket, Key, Body: bytes, Metadata }));
    }
  }
  from.destroy();
  into.destroy();
}

/** The operator's command, with a stand-in for Lambda's endpoint that invokes the Region's function. */
async function reconcileCommand({ name, region }: FaultyRegion, ...more: string[]) {
  const lambda = createServer(async (request, response) => {
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    const [, logicalId = ''] = /functions\/([^/]+)\/invocations/.exec(request.url ?? '') ?? [];
    const result = await region.invoke(logicalId, JSON.parse(text)).catch((error: Error) => error);
    if (result instanceof Error) response.setHeader('x-amz-function-error', 'Unhandled');
    response.end(result instanceof Error ? result.message : JSON.stringify(result));
  });
  await new Promise<void>((resolve) => lambda.listen(0, '127.0.0.1', resolve));
  const args = ['operations/reconcile.ts', '--region', name, '--bucket', region.bucket];
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    AWS_ENDPOINT_URL_S3: region.s3.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: region.s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: region.s3.secretAccessKey,
  };
  try {
    return await promisify(execFile)(
      'node_modules/.bin/node',
      [...args, '--function', 'DbProcessingFunction', ...more],
      { env },
    ).then(
      ({ stdout }) => ({ stdout, status: 0 }),
      ({ stdout, stderr, code }) => ({ stdout: stdout + stderr, status: code as number }),
    );
  } finally {
    lambda.close();
    lambda.closeAllConnections();
  }
}

describe('a planned switchover', () => {
  it('under load loses nothing, and both Regions go on with no configuration change', async () => {
    const works = regions.faulty.map((region) => workOf(region, 'switchover', 2_400));
    await Promise.all(works.map(upload));
    const busy = ({ region }: FaultyRegion) =>
      region.functions.DbProcessingFunction?.sandboxes().some((one) => one.busy);
    await until('both Regions ingest', () => regions.faulty.every(busy));
    const begun = performance.now();
    await regions.globalDatabase.switchover();
    const switchedMs = performance.now() - begun;
    await settled();
    const endedMs = performance.now() - begun;
    if (!(await Promise.all(works.map(completedOf))).every(Boolean)) await drained();
    expect([east.role(), west.role()]).toEqual(['secondary', 'primary']);
    expect(await judged(...works)).toEqual([]);
    console.log(
      `switchover: roles swapped in ${switchedMs.toFixed(0)} ms, all ingested ${endedMs.toFixed(0)} ms after its begin`,
    );

    // And back.
    await regions.globalDatabase.switchover();
    const again = regions.faulty.map((region) => workOf(region, 'switched-back', 30));
    await Promise.all(again.map(upload));
    await settled();
    expect(await judged(...again)).toEqual([]);
  });
});

describe('a failover that loses acknowledged commits', () => {
  it('is made good by reconcile, which finds exactly the sources that are short and adds exactly what they lack', async () => {
    const [safe, lost, held] = [workOf(east, 'safe', 60), workOf(east, 'lost', 90), workOf(west, 'held', 60)];
    const [restoredByPeer, undone] = [workOf(east, 'restored-by-peer', 40), workOf(east, 'undone', 50)];
    await upload(safe);
    await settled();
    const before = await rowsSeen(east);
    await until('the rows are replicated', async () => (await rowsSeen(west)) >= before);

    // Nothing reaches the other Region any more; the primary continues and acknowledges.
    await regions.globalDatabase.setLagMs(3_600_000);
    west.s3.replicas.add(undone.key);
    await Promise.all([lost, restoredByPeer, held, { ...undone, region: west }].map(upload));
    const bothCompleted = async () => (await completedOf(lost)) && (await completedOf(restoredByPeer));
    await until('both files are completed', bothCompleted);
    await east.region.idle();
    const acknowledged = await rowsSeen(east);
    expect(acknowledged).toBeGreaterThanOrEqual(before + 130);
    // What the secondary wrote cannot be read there, so it has not called it done.
    expect(await completedOf(held)).toBe(false);

    const begun = performance.now();
    await regions.globalDatabase.failover();
    const failedOverMs = performance.now() - begun;
    await regions.globalDatabase.setLagMs(5);
    expect(west.role()).toBe('primary');
    expect(await rowsSeen(west)).toBe(before);
    await west.region.idle();
    if (!(await completedOf(held))) await west.region.startExecution({}).ended;
    expect(await completedOf(held)).toBe(true);
    const ingestingAgainMs = performance.now() - begun;

    // As long as its Region stays lost, the peer does what that had not done, of which S3 had replicated the file,
    const takenOver = west.region.startExecution({ takeover: { originBucket: east.region.bucket } });
    await takenOver.ended;
    expect([takenOver.status, await completedOf({ ...undone, region: west })]).toEqual(['SUCCEEDED', true]);
    // and puts back what S3 had replicated of its reports and completed files.
    await replicate(restoredByPeer, west);
    const ofPeer = await reconcileCommand(west, '--replay');
    expect(ofPeer).toMatchObject({ status: 3, stdout: expect.stringMatching(/1 short by 40 rows, 0 put back/) });
    expect(ofPeer.stdout).toMatch(`of-peer   0 of 40 rows  ${restoredByPeer.key}`);
    expect(await west.ownBucket.list('pending')).toEqual([]);
    const byPeer = await reconcileCommand(west, '--replay', '--lost-bucket', east.region.bucket);
    expect(byPeer).toMatchObject({ status: 0, stdout: expect.stringMatching(/1 short by 40 rows, 1 put back/) });
    await west.region.idle();
    expect(await west.ownBucket.list('pending')).toEqual([]);
    expect((await reconcileCommand(west)).stdout).toMatch(/; 0 short by 0 rows/);
    const recoveredMs = performance.now() - begun;

    await regions.globalDatabase.rejoin();
    const rejoinedMs = performance.now() - begun;
    expect(east.role()).toBe('secondary');

    const found = await reconcileCommand(east);
    expect(found.status).toBe(3);
    expect(found.stdout).toMatch(`short     0 of 90 rows  ${lost.key}`);
    expect(found.stdout).toMatch(/; 1 short by 90 rows, 0 put back/);
    expect((await reconcileCommand(west)).stdout).toMatch(/; 0 short by 0 rows/);

    const replayed = await reconcileCommand(east, '--replay');
    expect(replayed).toMatchObject({ status: 0, stdout: expect.stringMatching(/1 short by 90 rows, 1 put back/) });
    await settled();
    expect(await east.ownBucket.list('pending')).toEqual([]);
    expect((await reconcileCommand(east)).stdout).toMatch(/; 0 short by 0 rows/);
    const inPeer = [restoredByPeer, undone].map((work) => ({ ...work, region: west }));
    expect(await judged(safe, lost, held, ...inPeer)).toEqual([]);
    console.log(
      `failover: ${acknowledged - before} acknowledged rows lost and restored; new primary after ${failedOverMs.toFixed(0)} ms, its Region ` +
        `complete after ${ingestingAgainMs.toFixed(0)} ms, the lost Region's files after ${recoveredMs.toFixed(0)} ms, old primary a secondary after ${rejoinedMs.toFixed(0)} ms`,
    );
  });

  it('is followed by a failback, which is a planned switchover', async () => {
    await regions.globalDatabase.switchover();
    expect(east.role()).toBe('primary');
    const works = regions.faulty.map((region) => workOf(region, 'failed-back', 30));
    await Promise.all(works.map(upload));
    await settled();
    expect(await judged(...works)).toEqual([]);
  });
});

describe('a takeover', () => {
  it('completes the half-done files of a Region whose pipeline is gone, and doubles nothing when that comes back', async () => {
    const work = workOf(east, 'taken', 1_200);
    // The pipeline of this Region ends after the first chunk: no event reaches it any more.
    Object.assign(east.events, { delivery: 'lost', times: Number.POSITIVE_INFINITY });
    await upload(work);
    await east.region.idle();
    const page = (await east.region.invoke('PreprocessFunction', [{ key: work.key }])) as Page;
    const [source] = page.sources;
    expect(source?.chunkCount).toBeGreaterThan(2);
    await east.region.invoke('DbProcessingFunction', { source, chunkIndex: 0, progress: null });
    const before = await rowsSeen(east);

    // S3 has replicated the file; its event starts nothing here.
    west.s3.replicas.add(work.key);
    await upload({ ...work, region: west });
    await west.region.idle();
    await west.region.startExecution({}).ended;
    expect(await west.ownBucket.list('pending')).toEqual([`${work.folder}file.json`]);

    const begun = performance.now();
    const taken = west.region.startExecution({ takeover: { originBucket: east.region.bucket } });
    await taken.ended;
    expect(taken.status).toBe('SUCCEEDED');
    const [report] = (await west.ownBucket.reports()).filter(({ source: { key } }) => key === work.key);
    expect(report).toMatchObject({ outcome: 'completed', source: { sourceId: (source as Source).sourceId } });
    expect(report?.totals?.alreadyPresent).toBeGreaterThan(100);
    expect(report?.totals?.inserted).toBe(1_200 - (report?.totals?.alreadyPresent ?? 0));
    expect(await rowsSeen(west)).toBe(before + (report?.totals?.inserted ?? 0));
    console.log(
      `takeover: ${report?.totals?.inserted} rows added to ${report?.totals?.alreadyPresent} in ${(performance.now() - begun).toFixed(0)} ms`,
    );

    // The Region is back, and finds its file still pending.
    east.events.times = 0;
    await east.region.startExecution({}).ended;
    const [own] = (await east.ownBucket.reports()).filter(({ source: { key } }) => key === work.key);
    expect(own).toMatchObject({ outcome: 'completed', totals: { inserted: 0, alreadyPresent: 1_200 } });
    await until('both Regions see the same', async () => (await rowsSeen(west)) === (await rowsSeen(east)));
  });

  it('is repaired by reconcile after a failover that loses its rows, as the same source', async () => {
    await regions.globalDatabase.switchover();
    const work = workOf(east, 'taken-and-lost', 600);
    // Half-done by the Region that is lost, as above.
    Object.assign(east.events, { delivery: 'lost', times: Number.POSITIVE_INFINITY });
    await upload(work);
    await east.region.idle();
    const [source] = ((await east.region.invoke('PreprocessFunction', [{ key: work.key }])) as Page).sources;
    await east.region.invoke('DbProcessingFunction', { source, chunkIndex: 0, progress: null });
    const before = await rowsSeen(west);
    await until('the rows are replicated', async () => (await rowsSeen(east)) === before);

    await regions.globalDatabase.setLagMs(3_600_000);
    west.s3.replicas.add(work.key);
    await upload({ ...work, region: west });
    await west.region.idle();
    const taken = west.region.startExecution({ takeover: { originBucket: east.region.bucket } });
    await taken.ended;
    expect(taken.status).toBe('SUCCEEDED');
    const complete = await rowsSeen(west);
    expect(complete).toBeGreaterThan(before + 100);

    await regions.globalDatabase.failover();
    await regions.globalDatabase.setLagMs(5);
    await regions.globalDatabase.rejoin();
    expect(await rowsSeen(west)).toBe(before);

    // What is put back is no replica: it starts an execution, as an upload does, and is known by whose it was.
    west.s3.replicas.delete(work.key);
    const replayed = await reconcileCommand(west, '--replay');
    const lost = complete - before;
    expect(replayed.stdout).toMatch(`replayed  ${600 - lost} of 600 rows  ${work.key}`);
    expect(replayed).toMatchObject({ status: 0, stdout: expect.stringMatching(`1 short by ${lost} rows, 1 put back`) });
    await west.region.idle();
    expect(await west.ownBucket.list('pending')).toEqual([]);
    expect(await rowsSeen(west)).toBe(complete);
    const reports = (await west.ownBucket.reports()).filter(({ source: { key } }) => key === work.key);
    expect(reports).toMatchObject([
      {
        outcome: 'completed',
        source: { sourceId: (source as Source).sourceId, originBucket: east.region.bucket },
        totals: { inserted: lost, alreadyPresent: 600 - lost },
      },
    ]);
    expect((await reconcileCommand(west)).stdout).toMatch(/; 0 short by 0 rows/);

    // The Region is back, and finds its file still pending.
    east.events.times = 0;
    await east.region.startExecution({}).ended;
    const [own] = (await east.ownBucket.reports()).filter(({ source: { key } }) => key === work.key);
    expect(own).toMatchObject({ outcome: 'completed', totals: { inserted: 0, alreadyPresent: 600 } });
  });

  it('keeps the source of a file that is replayed afterwards, and adds nothing', async () => {
    const [report] = (await west.ownBucket.reports()).filter(({ source: { key } }) => key.includes('/taken-and-lost/'));
    const before = await rowsSeen(west);
    const { stdout, status } = await reconcileCommand(west, '--replay', '--file', report?.source.key ?? '');
    expect([stdout, status]).toEqual([
      expect.stringMatching(/1 reports, 1 filed sources; 0 short by 0 rows, 1 put back/),
      0,
    ]);
    await west.region.idle();
    const after = (await west.ownBucket.reports()).filter(({ source: { key } }) => key === report?.source.key);
    // S3 stored it again when it was put back.
    const { uploadedAt: _, ...source } = (report?.source ?? {}) as Partial<Source>;
    expect(after).toMatchObject([{ source, totals: { inserted: 0, alreadyPresent: 600 } }]);
    expect(await rowsSeen(west)).toBe(before);
    expect(await west.ownBucket.list('pending')).toEqual([]);
    expect((await reconcileCommand(west, '--replay', '--file', 'book-review/reviews/none')).status).toBe(3);
  });

  it("is refused from the Region's own bucket, so nothing is processed twice under another name", async () => {
    const execution = east.region.startExecution({ takeover: { originBucket: east.region.bucket } });
    await execution.ended;
    expect([execution.status, execution.error]).toEqual(['FAILED', 'InvalidInputError']);
  });

  it('goes on over pages as a takeover', async () => {
    const put = putter(west);
    const keys = Array.from({ length: 1_005 }, (_, n) => `book-review/reviews/${east.name}/page/${n}.json`);
    for (const key of keys) west.s3.replicas.add(key);
    await mapConcurrently(keys, 50, (key) => put(key, Buffer.from('\n')));
    await put(`book-review/reviews/${west.name}/own.json`, Buffer.from('\n'));
    put.close();
    const pageOf = async (request: object) =>
      (await west.region.invoke('PreprocessFunction', { takesBundles: true, request })) as BundlePage;
    const first = await pageOf({ takeover: { originBucket: east.region.bucket } });
    const second = await pageOf({ cursor: first.cursor });
    expect(second.cursor).toBeNull();
    const bundles = [...first.items, ...second.items].map(({ source }) => source as Bundle);
    expect(new Set(bundles.map(({ takenFrom }) => takenFrom))).toEqual(new Set([east.region.bucket]));
    // DB-processing drops what was uploaded here, once it has read it.
    const listed = new Set(bundles.flatMap(({ objects }) => objects.map(({ key }) => key)));
    expect(keys.filter((key) => !listed.has(key))).toEqual([]);
    await west.region.idle();
  });
});
