// Each fault alone, by its name: a file is ingested in each Region while it strikes, and afterwards every row is there once.
// A test counts that its fault did strike; that the judgement can fail is shown in tests/unit/faults.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BundlePage, BundleProgress } from '../../functions/shared/bundle-contract.ts';
import { openScope } from '../../local/demo/interruption.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { type FaultyRegion, type FaultyRegions, startFaultyRegions } from '../../local/faults/faulty-regions.ts';
import { judgeRound, type Work } from '../../local/faults/judge-round.ts';
import { immediateKinds, kinds } from '../../local/faults/kinds.ts';
import { databaseFault, s3Fault } from '../../local/faults/make-fault.ts';
import { comeToRest } from '../../local/faults/rest.ts';
import { overwrite, putter, remove, runRound } from '../../local/faults/round.ts';
import { etagOf, type Version } from '../../local/faults/workload.ts';
import type { Execution } from '../../local/region.ts';
import { until } from '../../local/until.ts';
import { type BridgedBy, protections } from './protections.ts';

/** What an execution dropped, by reason: Preprocess a large object, DB-processing an object of a bundle. */
function droppedIn({ results }: Pick<Execution, 'results'>): Record<string, number> {
  const counts: Record<string, number> = {};
  const drop = (reason: string, more: number) => {
    counts[reason] = (counts[reason] ?? 0) + more;
  };
  for (const { dropped } of (results.Preprocess ?? []) as BundlePage[])
    for (const [reason, count] of Object.entries(dropped)) drop(reason, count);
  for (const { results: ofObjects = [] } of (results['DB-processing'] ?? []) as Partial<BundleProgress>[])
    for (const result of ofObjects) if ('dropped' in result) drop(result.dropped, 1);
  return counts;
}

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'named-faults-'));
const remembered = { rows: 0, unnamed: 0 };
let regions: FaultyRegions;
/** What would end by itself has ended by then, on this machine: longer than a file takes with new sandboxes. */
let patienceMs = 2_500;

beforeAll(async () => {
  regions = await startFaultyRegions({ rttMs: 12, lagMs: 5, stateDirectory: directory }, { scope, say: () => {} });
  const since = performance.now();
  await ingestUnder({ lines: 45, strike: () => {}, bridgedBy: 'function' }).catch((error) => {
    stuck ??= error;
  });
  patienceMs = Math.min(10_000, Math.max(patienceMs, 1.5 * (performance.now() - since)));
}, 180_000);
afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const text = (name: string, lines: number, word = 'text') =>
  Buffer.from(
    `${Array.from(
      { length: lines },
      (_, number) =>
        `{"reviewerID":"${name}","asin":"B${number}","summary":"${word} ${number}","overall":${number % 6}}\n`,
    ).join('')}no review\n`,
  );

/** Errors that pass. Under any fault, an invocation may fail with these and no others. */
const passing = [
  'TransientDatabaseError',
  'TransientStorageError',
  'IncompleteIngestError',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Runtime.ExitError',
  'Sandbox.Timedout',
];

interface Ordeal {
  /** A batch has 10. A file of more lines does not travel in a bundle. */
  lines: number;
  /** Small files that are uploaded next to it. */
  neighbors?: number;
  strike: (region: FaultyRegion, work: Work & { put: ReturnType<typeof putter> }) => unknown;
  /** Before the upload, or while DB-processing is at work. */
  when?: 'before' | 'while';
  /** See protections.ts. */
  bridgedBy: BridgedBy;
  /** As there. */
  failsWith?: readonly string[];
  failsNowhere?: boolean;
  /** Names of errors that may show too. */
  mayFailWith?: readonly string[];
}

let last = 0;
/** Why no other test is tried: files do not get through without any fault, or a Region does not come to rest. */
let stuck: Error | undefined;
const assertNotStuck = () => {
  if (stuck) throw new Error(`not tried, since it went wrong before: ${stuck.message}`, { cause: stuck });
};
const rest = async () => {
  const ends = await Promise.allSettled(regions.faulty.map((region) => comeToRest(region)));
  stuck ??= ends.find((end) => end.status === 'rejected')?.reason;
  if (stuck) throw stuck;
};

function workOf(region: FaultyRegion, lines: number, neighbors: number) {
  const folder = `named-${last}/${region.name}/`;
  const key = `book-review/reviews/${folder}file.json`;
  const body = text(region.name, lines);
  const versions: Version[] = [{ key, body, etag: etagOf(body), mustComplete: true }];
  for (let number = 0; number < neighbors; number += 1) {
    const near = text(`${region.name}-${number}`, 1 + (number % 3));
    versions.push({ key: key.replace('file', `near-${number}`), body: near, etag: etagOf(near), mustComplete: true });
  }
  const overwrite = { key, body: text(region.name, lines, 'other') };
  return { region, folder, workload: { uploads: [], versions, overwrite }, put: putter(region) };
}

/** Uploads a file in each Region, lets `strike` do its worst, heals, drains and judges, and looks at what had to help. */
async function ingestUnder({
  lines,
  neighbors = 0,
  strike,
  when = 'before',
  bridgedBy,
  failsNowhere,
  failsWith = [],
  mayFailWith = [],
}: Ordeal) {
  assertNotStuck();
  last += 1;
  const works = regions.faulty.map((region) => workOf(region, lines, neighbors));
  const before = regions.faulty.map(({ region }) => region.executions.length);
  const leaksBefore = regions.leaks.length;
  for (const { failures } of regions.faulty) failures.length = 0;
  if (when === 'before') for (const work of works) await strike(work.region, work);
  for (const { put, workload } of works) for (const { key, body } of workload.versions) await put(key, body);
  if (when === 'while') {
    const busy = ({ region }: FaultyRegion) =>
      region.functions.DbProcessingFunction?.sandboxes().some((one) => one.busy);
    for (let waited = 0; waited < 200 && !regions.faulty.every(busy); waited += 1) await sleep(5);
    for (const work of works) await strike(work.region, work);
  }
  // Some continue until they are healed.
  const waits = bridgedBy === 'end' || bridgedBy === 'drain';
  if (waits) await Promise.race([rest(), sleep(patienceMs)]);
  else await rest();
  const pendingThen = await pendingOf(works);
  let tooMuch: unknown;
  try {
    if (waits) expect(pendingThen).not.toEqual([]);
    else expect([...(bridgedBy === 'function' ? failuresOf() : []), ...pendingThen]).toEqual([]);
  } catch (error) {
    // Told when all is cleared up for the next test.
    tooMuch = error;
  }
  await regions.heal();
  await regions.globalDatabase.setLagMs(5);
  await rest();
  if (bridgedBy === 'end') expect(await pendingOf(works)).toEqual([]);
  for (let drains = 0; drains < (tooMuch ? 1 : 4) && (await pendingOf(works)).length > 0; drains += 1) {
    for (const { region } of regions.faulty) region.startExecution({});
    await rest();
  }
  for (const { put } of works) put.close();
  const { faults } = await judgeRound(regions, works, remembered);
  if (tooMuch) throw tooMuch;
  expect(faults).toEqual([]);
  expect(regions.leaks.slice(leaksBefore)).toEqual([]);
  const all = failuresOf();
  const shown = all.map(({ where, name }) => `${where}: ${name}`);
  expect(shown).toEqual(expect.arrayContaining([...failsWith]));
  const names = new Set([...passing, ...mayFailWith, ...failsWith.map((one) => one.replace(/^.*: /, ''))]);
  expect(all.filter(({ name }) => !names.has(name))).toEqual([]);
  if (bridgedBy === 'function' || bridgedBy === 'end' || failsNowhere) expect(all).toEqual([]);
  regions.faulty.forEach(({ region }, index) => {
    for (const { status } of region.executions.slice(before[index])) expect(['SUCCEEDED', 'FAILED']).toContain(status);
  });
}

const failuresOf = () => regions.faulty.flatMap(({ failures }) => failures);
const pendingOf = async (works: Work[]) =>
  (
    await Promise.all(
      works.map(async ({ region, folder }) =>
        (await region.ownBucket.list('pending')).filter((name) => name.startsWith(folder)),
      ),
    )
  ).flat();
const rowsOf = ({ database }: FaultyRegion) =>
  withDatabase(database(), async (query) =>
    Number((await query<{ n: number }>('SELECT COUNT(*) AS n FROM book_reviews'))[0]?.n),
  );

const struckInAll = () => [...regions.struck.values()].reduce((sum, count) => sum + count, 0);

describe('with no fault at all', () => {
  it('files are ingested without a failed invocation', async () => {
    await ingestUnder({ lines: 150, strike: () => {}, bridgedBy: 'function' });
  });
});

describe('no row is lost, doubled or changed', () => {
  it('and every kind of fault of the campaign has a name here', () => {
    expect(Object.keys(protections).sort()).toEqual(Object.keys(kinds).sort());
  });

  it.each(Object.entries(protections))('under %s', async (kind, { bridgedBy, failsWith, failsNowhere, isSmall }) => {
    // Only a sandbox that has logged in before holds the password of before.
    if (kind === 'secret-rotated') await ingestUnder({ lines: 10, strike: () => {}, bridgedBy: 'function' });
    const before = struckInAll();
    let global = 0;
    const isImmediate = immediateKinds.has(kind);
    const once = new Set(['database-switchover', 'database-replication-stopped', 'secret-rotated']);
    await ingestUnder({
      lines: isImmediate ? 150 : 45,
      ...(isSmall && { lines: 8, neighbors: 12 }),
      strike: (region, { workload, put }) => {
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
      when: isImmediate ? 'while' : 'before',
      bridgedBy,
      ...(failsWith && { failsWith }),
      ...(failsNowhere && { failsNowhere }),
    });
    expect(struckInAll()).toBeGreaterThan(before);
  });

  it.each(['PreprocessFunction', 'DbProcessingFunction', 'PostprocessFunction'])(
    'when %s is throttled for minutes, and has a zombie next to its retry',
    async (logicalId) => {
      const before = regions.struck.get('lambda-zombie') ?? 0;
      await ingestUnder({
        lines: 45,
        strike: ({ lambda }) => {
          // The pauses between so many retries come to some minutes in AWS.
          lambda.throttled.set(logicalId, 9);
          lambda.zombies.set(logicalId, 1);
        },
        bridgedBy: 'states',
      });
      expect(regions.struck.get('lambda-zombie')).toBeGreaterThan(before);
    },
  );

  it('when an event comes a second time while its file is under way', async () => {
    const before = regions.faulty.map(({ region }) => region.executions.length);
    await ingestUnder({
      // Enough that the file is still there when the second execution has got to it.
      lines: 5_000,
      strike: ({ region }, { workload }) => region.startExecution([{ key: workload.overwrite.key }]),
      when: 'while',
      bridgedBy: 'states',
      // The other one may have moved the file.
      mayFailWith: ['SourceChangedError'],
    });
    regions.faulty.forEach(({ region }, index) => {
      expect(
        region.executions
          .slice(before[index])
          .map(({ results }) => (results.Preprocess?.[0] as BundlePage | undefined)?.items),
      ).toMatchObject([[{}], [{}]]);
    });
  });

  it('when S3 refuses so often that a state is retried', async () => {
    await ingestUnder({
      lines: 45,
      strike: ({ s3 }) =>
        s3.arm(
          s3Fault('s3-internal-error', ({ method, hasRange }) => method === 'GET' && hasRange, { skip: 1, times: 26 }),
        ),
      bridgedBy: 'states',
      failsWith: ['DB-processing: TransientStorageError'],
    });
  });

  it('when S3 refuses to show an object: it is counted as unreadable, and the files next to it complete', async () => {
    const before = regions.faulty.map(({ region }) => region.executions.length);
    await ingestUnder({
      lines: 45,
      strike: async ({ s3, region }, { folder, put, workload }) => {
        const key = `book-review/reviews/${folder}neighbor.json`;
        const body = text('neighbor', 20);
        workload.versions.push({ key, body, etag: etagOf(body), mustComplete: true });
        s3.refused.set(workload.overwrite.key, 403);
        await put(key, body);
        await put(workload.overwrite.key, workload.versions[0]?.body ?? null);
        region.startExecution({});
        await until(
          'the neighbor is completed',
          async () =>
            (await regions.faulty.find((one) => one.region === region)?.ownBucket.list('completed'))?.includes(
              `${folder}neighbor.json`,
            ) ?? false,
        );
      },
      bridgedBy: 'drain',
    });
    regions.faulty.forEach(({ region }, index) => {
      expect(region.executions.slice(before[index]).map(droppedIn)).toContainEqual({ unreadable: 1 });
    });
  });

  it('when copies fail so often that the source stays pending for a drain', async () => {
    await ingestUnder({
      lines: 45,
      strike: ({ s3 }) => s3.arm(s3Fault('s3-internal-error', ({ isCopy }) => isCopy, { times: 1_000 })),
      bridgedBy: 'drain',
      failsWith: ['Postprocess: TransientStorageError'],
    });
  });

  it('when a body stalls in one Region and a connection is silent in the other, and nobody heals them', async () => {
    await ingestUnder({
      lines: 45,
      strike: ({ name, s3, armDatabase }) =>
        name === regions.faulty[0].name
          ? s3.arm(s3Fault('s3-body-stalled', ({ method, hasRange }) => method === 'GET' && hasRange, { skip: 1 }))
          : armDatabase(databaseFault('connection-silent', 'INSERT')),
      bridgedBy: 'function',
    });
  });

  it('when a lost answer makes a retry find its rows there, while the replica lags', async () => {
    await ingestUnder({
      // One batch: another's session would wait for its own rows, and so for these.
      lines: 8,
      strike: async ({ armDatabase }) => {
        await regions.globalDatabase.setLagMs(600);
        await armDatabase(databaseFault('answer-lost', 'INSERT'));
      },
      bridgedBy: 'function',
    });
  });

  it('when a read of what was just written waits for replication in vain, and says so in time', async () => {
    await regions.globalDatabase.setLimits({ readWaitMs: 300 });
    let stopped = false;
    await ingestUnder({
      lines: 45,
      strike: async () => {
        if (!stopped) await regions.globalDatabase.faults.stopReplication();
        stopped = true;
      },
      bridgedBy: 'drain',
    });
    await regions.globalDatabase.setLimits({ readWaitMs: 30_000 });
  });

  it('when the roles swap there and back while both ingest', async () => {
    let done = false;
    await ingestUnder({
      lines: 150,
      strike: async () => {
        if (done) return;
        done = true;
        await regions.globalDatabase.switchover();
        await sleep(100);
        await regions.globalDatabase.switchover();
      },
      when: 'while',
      bridgedBy: 'states',
    });
  });

  it('when every deadline comes after one batch', async () => {
    await ingestUnder({
      lines: 150,
      strike: ({ lambda }) => {
        lambda.shortDeadlines = 1_000;
      },
      bridgedBy: 'function',
    });
    expect(regions.struck.get('lambda-deadline-short')).toBeGreaterThan(30);
  });

  it.each([1, 2, 3])('in round %d of the campaign', async (round) => {
    assertNotStuck();
    const end = await runRound(regions, { seed: 'tests', round, reviews: 200, remembered });
    expect(end.faults).toEqual([]);
  });
});

// Before the judgement of a whole Region's rows can be used again, `remembered` has to know of the rows of these.
describe('events of one key', () => {
  it('add nothing and fail nothing if the newest comes first and the last one after the file is completed', async () => {
    assertNotStuck();
    const [region] = regions.faulty;
    const key = 'book-review/reviews/order/file.json';
    const put = putter(region);
    const executions = region.region.executions.length;
    Object.assign(region.events, { delivery: 'held', times: Number.POSITIVE_INFINITY });
    const contents = [text('A', 20), text('B', 25), text('C', 30)];
    for (const [index, body] of contents.entries()) {
      await put(key, body);
      await until('the event is held', () => region.events.held.length === index + 1);
    }
    put.close();
    region.events.times = 0;
    const before = await rowsOf(region);
    for (const deliver of region.events.held.splice(0).reverse()) {
      deliver();
      await comeToRest(region);
    }
    expect((await rowsOf(region)) - before).toBe(30);
    remembered.rows += 30;
    const ran = region.region.executions.slice(executions);
    expect(ran.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(ran.map(droppedIn)).toEqual([{}, { gone: 1 }, { gone: 1 }]);
    expect((await region.ownBucket.list('pending')).filter((name) => name.startsWith('order/'))).toEqual([]);
    const reports = (await region.ownBucket.reports()).filter(({ source }) => source.key === key);
    expect(reports).toMatchObject([{ outcome: 'completed', totals: { lines: 31, inserted: 30 } }]);
  });
});

describe('a file that is uploaded again', () => {
  it('adds nothing with the same content, and is another source with other content', async () => {
    assertNotStuck();
    const [region] = regions.faulty;
    const put = putter(region);
    const before = await rowsOf(region);
    const added: number[] = [];
    const [one, other] = [text('A', 20), text('B', 25)];
    for (const body of [one, one, other]) {
      await put('book-review/reviews/again/file.json', body);
      await comeToRest(region);
      added.push((await rowsOf(region)) - before);
    }
    put.close();
    remembered.rows += 45;
    expect(added).toEqual([20, 20, 45]);
    const ofFolder = (name: string) => name.startsWith('again/');
    expect((await region.ownBucket.list('completed')).filter(ofFolder)).toHaveLength(2);
    expect((await region.ownBucket.list('reports')).filter(ofFolder)).toHaveLength(2);
  });
});

describe('1,001 files, one more than S3 lists at a time', () => {
  it('are found by one drain when all their events were lost', async () => {
    assertNotStuck();
    const [region] = regions.faulty;
    Object.assign(region.events, { delivery: 'lost', times: Number.POSITIVE_INFINITY });
    const put = putter(region);
    const names = Array.from({ length: 1_001 }, (_, number) => `many/${number}.json`);
    for (let from = 0; from < names.length; from += 50) {
      await Promise.all(
        names.slice(from, from + 50).map((name) => put(`book-review/reviews/${name}`, Buffer.alloc(0))),
      );
    }
    put.close();
    await comeToRest(region);
    region.events.times = 0;
    const drain = region.region.startExecution({});
    // A quarter of a minute on an idle machine.
    await comeToRest(region, 240_000);
    expect([drain.status, drain.error, drain.cause]).toEqual(['SUCCEEDED', undefined, undefined]);
    expect((await region.ownBucket.list('pending')).filter((name) => name.startsWith('many/'))).toEqual([]);
    expect((await region.ownBucket.list('completed')).filter((name) => name.startsWith('many/')).sort()).toEqual(
      names.sort(),
    );
  }, 300_000);
});
