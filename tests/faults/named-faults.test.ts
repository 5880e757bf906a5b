// Each fault alone, by its name: a file is ingested in each Region while it strikes, and afterwards every row is there once.
// A test counts that its fault did strike; that the judgement can fail is shown in tests/unit/faults.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openScope } from '../../local/demo/interruption.ts';
import { type FaultyRegion, type FaultyRegions, startFaultyRegions } from '../../local/faults/faulty-regions.ts';
import { judgeRound, type Work } from '../../local/faults/judge-round.ts';
import { immediateKinds, kinds } from '../../local/faults/kinds.ts';
import { s3Fault } from '../../local/faults/make-fault.ts';
import { overwrite, putter, remove, runRound } from '../../local/faults/round.ts';
import { etagOf, type Version } from '../../local/faults/workload.ts';

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'named-faults-'));
const remembered = { rows: 0, unnamed: 0 };
let regions: FaultyRegions;

beforeAll(async () => {
  regions = await startFaultyRegions({ rttMs: 12, lagMs: 5, stateDirectory: directory }, { scope, say: () => {} });
}, 180_000);
afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const text = (name: string, lines: number, word = 'text') =>
  Buffer.from(
    Array.from(
      { length: lines },
      (_, number) =>
        `{"reviewerID":"${name}","asin":"B${number}","summary":"${word} ${number}","overall":${number % 6}}\n`,
    ).join('') + 'no review\n',
  );

let last = 0;
/** Uploads a file in each Region, lets `strike` do its worst, heals, drains and judges. */
async function ingestUnder(
  lines: number,
  strike: (region: FaultyRegion, work: Work & { put: ReturnType<typeof putter> }) => unknown,
  when: 'before' | 'while' = 'before',
) {
  last += 1;
  const works = regions.faulty.map((region) => {
    const folder = `named-${last}/${region.name}/`;
    const key = `book-review/reviews/${folder}file.json`;
    const body = text(region.name, lines);
    const versions: Version[] = [{ key, body, etag: etagOf(body), mustComplete: true }];
    const overwrite = { key, body: text(region.name, lines, 'other') };
    return { region, folder, workload: { uploads: [], versions, overwrite }, put: putter(region) };
  });
  const before = regions.faulty.map(({ region }) => region.executions.length);
  const leaksBefore = regions.leaks.length;
  if (when === 'before') for (const work of works) await strike(work.region, work);
  for (const { put, workload } of works) for (const { key, body } of workload.versions) await put(key, body);
  if (when === 'while') {
    const busy = ({ region }: FaultyRegion) =>
      region.functions.DbProcessingFunction?.sandboxes().some((one) => one.busy);
    for (let waited = 0; waited < 200 && !regions.faulty.every(busy); waited += 1) await sleep(5);
    for (const work of works) await strike(work.region, work);
  }
  await Promise.race([Promise.all(regions.faulty.map(({ region }) => region.idle())), sleep(2_500)]);
  await regions.heal();
  await regions.globalDatabase.setLagMs(5);
  for (const { region, folder, put } of works) {
    await region.region.idle();
    for (let drains = 0; drains < 4; drains += 1) {
      if (!(await region.ownBucket.list('pending')).some((name) => name.startsWith(folder))) break;
      await region.region.startExecution({}).ended;
    }
    put.close();
  }
  const { faults } = await judgeRound(regions, works, remembered);
  expect(faults).toEqual([]);
  expect(regions.leaks.slice(leaksBefore)).toEqual([]);
  regions.faulty.forEach(({ region }, index) => {
    for (const { status } of region.executions.slice(before[index])) expect(['SUCCEEDED', 'FAILED']).toContain(status);
  });
  return works;
}

const struckInAll = () => [...regions.struck.values()].reduce((sum, count) => sum + count, 0);

describe('no row is lost, doubled or changed', () => {
  it.each(Object.keys(kinds))('under %s', async (kind) => {
    // Only a sandbox that has logged in before holds the password of before.
    if (kind === 'secret-rotated') await ingestUnder(10, () => {});
    const before = struckInAll();
    let global = 0;
    const isImmediate = immediateKinds.has(kind);
    const once = new Set(['database-switchover', 'database-replication-stopped', 'secret-rotated']);
    await ingestUnder(
      isImmediate ? 150 : 45,
      (region, { workload, put }) => {
        global += 1;
        if (once.has(kind) && global > 1) return;
        return kinds[kind]?.({
          regions,
          region,
          random: () => 0,
          overwriteKey: workload.overwrite.key,
          overwrite: () => overwrite(workload, put),
          remove: () => remove(workload, put),
        });
      },
      isImmediate ? 'while' : 'before',
    );
    expect(struckInAll()).toBeGreaterThan(before);
  });

  it.each(['PreprocessFunction', 'DbProcessingFunction', 'PostprocessFunction'])(
    'when %s is throttled many times, and has a zombie beside its retry',
    async (logicalId) => {
      const before = regions.struck.get('lambda-zombie') ?? 0;
      await ingestUnder(45, ({ lambda }) => {
        lambda.throttled.set(logicalId, 4);
        lambda.zombies.set(logicalId, 1);
      });
      expect(regions.struck.get('lambda-zombie')).toBeGreaterThan(before);
    },
  );

  it('when S3 refuses so often that a state is retried', async () => {
    await ingestUnder(45, ({ s3 }) =>
      s3.arm(s3Fault('s3-slow-down', ({ method, hasRange }) => method === 'GET' && hasRange, { times: 14 })),
    );
  });

  it('when copies fail so often that the source stays pending for a drain', async () => {
    await ingestUnder(45, ({ s3 }) => s3.arm(s3Fault('s3-internal-error', ({ isCopy }) => isCopy, { times: 1_000 })));
  });

  it('when a read of what was just written waits for replication in vain, and says so in time', async () => {
    await regions.globalDatabase.setLimits({ readWaitMs: 300 });
    let stopped = false;
    const [, secondary] = await ingestUnder(45, async () => {
      if (!stopped) await regions.globalDatabase.faults.stopReplication();
      stopped = true;
    });
    await regions.globalDatabase.setLimits({ readWaitMs: 30_000 });
    expect(secondary).toBeDefined();
  });

  it('when the roles swap there and back while both ingest', async () => {
    let done = false;
    await ingestUnder(
      150,
      async () => {
        if (done) return;
        done = true;
        await regions.globalDatabase.switchover();
        await sleep(100);
        await regions.globalDatabase.switchover();
      },
      'while',
    );
  });

  it('when every deadline comes after one batch', async () => {
    const [first] = await ingestUnder(150, ({ lambda }) => {
      lambda.shortDeadlines = 1_000;
    });
    expect(first).toBeDefined();
    expect(regions.struck.get('lambda-deadline-short')).toBeGreaterThan(30);
  });

  it.each([1, 2, 3])('in round %d of the campaign', async (round) => {
    const end = await runRound(regions, { seed: 'tests', round, reviews: 200, remembered });
    expect(end.faults).toEqual([]);
  });
});

describe('files of more than two pages', () => {
  it('are found by one drain when all their events were lost', async () => {
    const [region] = regions.faulty;
    Object.assign(region.events, { delivery: 'lost', times: Number.POSITIVE_INFINITY });
    const put = putter(region);
    const names = Array.from({ length: 450 }, (_, number) => `many/${number}.json`);
    for (let from = 0; from < names.length; from += 50) {
      await Promise.all(
        names.slice(from, from + 50).map((name) => put(`book-review/reviews/${name}`, Buffer.from('\n'))),
      );
    }
    await region.region.idle();
    region.events.times = 0;
    const drain = region.region.startExecution({});
    await drain.ended;
    expect([drain.status, drain.error, drain.cause]).toEqual(['SUCCEEDED', undefined, undefined]);
    expect((await region.ownBucket.list('pending')).filter((name) => name.startsWith('many/'))).toEqual([]);
    expect((await region.ownBucket.list('completed')).filter((name) => name.startsWith('many/'))).toHaveLength(450);
    put.close();
  }, 180_000);
});
