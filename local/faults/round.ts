// Runs one round: a workload in both Regions under a schedule of faults. Then it heals, drains and judges everything.

import { setTimeout as sleep } from 'node:timers/promises';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import { pick, randomBySeed } from '../reviews/made-text.ts';
import type { FaultyRegion, FaultyRegions } from './faulty-regions.ts';
import { judgeRound, type Remembered } from './judge-round.ts';
import { kinds } from './kinds.ts';
import { comeToRest } from './rest.ts';
import { putter } from './uploader.ts';
import { belowPending, etagOf, makeWorkload, type Workload } from './workload.ts';

export { putter };

/** Faults strike within this time of a round's beginning. */
const faultyMs = 1_300;
/** After this time all faults of a round end. */
const healAfterMs = 2_200;
const mostDrains = 6;

export interface RoundEnd {
  /** Kinds that were drawn, in the order of the schedule. */
  drawn: string[];
  /** The broken invariants. */
  faults: string[];
  rows: number;
  files: number;
  wallMs: number;
}

/** The kinds, places and times of a round's faults. At most one changes replication itself. */
function drawSchedule(random: () => number) {
  const names = Object.keys(kinds);
  const exclusive = new Set(['database-replication-stopped', 'database-switchover', 'secret-rotated']);
  const count = 4 + Math.floor(random() * 6);
  const schedule: { kind: string; atMs: number; region: number }[] = [];
  while (schedule.length < count) {
    const kind = pick(random, names);
    if (exclusive.has(kind) && schedule.some((one) => exclusive.has(one.kind))) continue;
    schedule.push({ kind, atMs: Math.floor(random() * faultyMs), region: random() < 0.5 ? 0 : 1 });
  }
  return schedule.sort((a, b) => a.atMs - b.atMs);
}

export async function runRound(
  regions: FaultyRegions,
  { seed, round, reviews, remembered }: { seed: string; round: number; reviews: number; remembered: Remembered },
): Promise<RoundEnd> {
  const begun = performance.now();
  const elapsed = () => performance.now() - begun;
  const random = randomBySeed(`${seed}/${round}`);
  const executionsBefore = regions.faulty.map(({ region }) => region.executions.length);
  const leaksBefore = regions.leaks.length;
  const works = regions.faulty.map((region) => ({
    region,
    folder: `${round}/${region.name}/`,
    workload: makeWorkload(
      `${pendingPrefix}${round}/${region.name}/`,
      { bucket: region.region.s3.bucket, reviews },
      random,
    ),
    put: putter(region),
  }));
  const schedule = drawSchedule(random);
  const faults: string[] = [];

  const upload = async ({ workload, put }: (typeof works)[0]) => {
    for (const { key, body, atMs, ...options } of workload.uploads) {
      await sleep(Math.max(0, atMs - elapsed()));
      await put(key, body, options);
    }
  };
  const strike = async () => {
    for (const { kind, atMs, region } of schedule) {
      await sleep(Math.max(0, atMs - elapsed()));
      const work = works[region] as (typeof works)[0];
      await kinds[kind]?.({
        regions,
        region: work.region,
        random,
        overwriteKey: work.workload.overwrite.key,
        overwrite: () => overwrite(work.workload, work.put),
        remove: () => remove(work.workload, work.put),
      });
    }
  };
  await Promise.all([...works.map(upload), strike()]);
  await Promise.race([
    Promise.all(regions.faulty.map(({ region }) => region.idle())),
    sleep(Math.max(0, healAfterMs - elapsed())),
  ]);

  await regions.heal();
  await regions.globalDatabase.setLagMs(5);
  await Promise.all(works.map(({ region, folder, workload }) => drain(region, folder, workload.ignored)));

  const judged = await judgeRound(regions, works, remembered);
  faults.push(...judged.faults);
  regions.faulty.forEach(({ name, region }, index) => {
    for (const { id, status, error } of region.executions.slice(executionsBefore[index])) {
      if (status === 'RUNNING' || status === 'ABORTED') faults.push(`${name}: execution ${id} is ${status}: ${error}`);
    }
  });
  faults.push(...regions.leaks.slice(leaksBefore).map((line) => `a log line holds what it must not: ${line}`));
  for (const { put } of works) put.close();
  return {
    drawn: schedule.map(({ kind }) => kind),
    faults,
    rows: judged.rows,
    files: works.reduce((sum, { workload }) => sum + workload.versions.length, 0),
    wallMs: Math.round(elapsed()),
  };
}

/** From now on, the new content must complete, and the former one need not. */
export async function overwrite(
  { versions, overwrite: { key, body, truth } }: Workload,
  put: (key: string, body: Buffer) => Promise<void>,
) {
  // Two faults may overwrite the same object, with the same content then.
  if (!versions.some((version) => version.key === key && version.body.equals(body))) {
    for (const version of versions) if (version.key === key) version.mustComplete = false;
    versions.push({ key, body, etag: etagOf(body), mustComplete: true, ...(truth && { truth }) });
  }
  await put(key, body);
}

/** From now on, nothing under this key must complete. */
export async function remove(
  { versions, overwrite: { key } }: Workload,
  put: (key: string, body: null) => Promise<void>,
) {
  for (const version of versions) if (version.key === key) version.mustComplete = false;
  await put(key, null);
}

/** As the schedule does it in AWS: drains until nothing is pending, within a bound. @throws where the Region does not come to rest */
async function drain(faulty: FaultyRegion, folder: string, ignored: string[] = []): Promise<void> {
  const { region, ownBucket } = faulty;
  await comeToRest(faulty);
  for (let drains = 0; drains < mostDrains; drains += 1) {
    const isSource = (name: string) => name.startsWith(folder) && !ignored.map(belowPending).includes(name);
    if (!(await ownBucket.list('pending')).some(isSource)) return;
    region.startExecution({});
    await comeToRest(faulty);
  }
}
