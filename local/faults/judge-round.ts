// Judges a round after replication has caught up: compares both Regions' buckets and rows with the files.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import type { FaultyRegion, FaultyRegions } from './faulty-regions.ts';
import { bucketEvidence, type Expectation, expectationOf, judge, readRows, type Seen } from './invariants.ts';
import { belowPending, type Workload } from './workload.ts';

const catchUpMs = 20_000;
/** Most rows that a damaged file may have left after an upload replaced it. */
const damagedRows = 40;

/** Rows of earlier rounds, which each Region must still see. */
export interface Remembered {
  rows: number;
  /** Rows of sources that an upload replaced and that no report names. */
  unnamed: number;
  /** Those of sources that an upload replaced when all of their rows were there. */
  replaced?: number;
}

/** What a Region got in a round; `folder` is the round's own, below each prefix. */
export type Work = { region: FaultyRegion; folder: string; workload: Workload };

export async function judgeRound({ faulty }: FaultyRegions, works: Work[], remembered: Remembered) {
  const faults: string[] = [];
  const sides = await Promise.all(
    works.map(async ({ region, folder, workload }) => ({
      name: region.name,
      evidence: await bucketEvidence(region.ownBucket, folder),
      expectations: await Promise.all(workload.versions.map(expectationOf)),
      ignored: (workload.ignored ?? []).map(belowPending),
    })),
  );
  const sourceIds = sides.flatMap(({ evidence }) => evidence.reports.map(({ source }) => source.sourceId));
  const folders = works.map(({ folder }) => pendingPrefix + folder);
  const readAll = () => Promise.all(faulty.map(({ database }) => readRows(database(), sourceIds, folders)));
  let seen = await readAll();
  // Replication continues after an ingest's back.
  for (const since = performance.now(); performance.now() - since < catchUpMs; seen = await readAll()) {
    if (isDeepStrictEqual(seen[0], seen[1])) break;
    await sleep(50);
  }
  const [here, there] = seen as [Seen, Seen];
  if (!isDeepStrictEqual(here, there))
    faults.push(`the Regions see other rows or another history: ${here.total} and ${there.total} rows in all`);
  for (const { name, evidence, expectations, ignored } of sides) {
    const ids = new Set(evidence.reports.map(({ source }) => source.sourceId));
    faults.push(
      ...judge(name, expectations, evidence, {
        rows: here.rows.filter(({ source_id }) => ids.has(source_id)),
        history: here.history.filter(({ source_hex }) => ids.has(source_hex)),
        ignored,
      }),
    );
  }
  const replaced = sides.flatMap(({ expectations }) => expectations.filter(({ version }) => !version.mustComplete));
  const mostUnnamed = replaced.reduce(
    (sum, { truth }) => sum + (truth.ends === 'completed' ? truth.rows.length : damagedRows),
    0,
  );
  const completed = new Set(
    sides.flatMap(({ evidence }) =>
      evidence.reports.filter(({ outcome }) => outcome === 'completed').map(({ source }) => source.sourceId),
    ),
  );
  const rows = here.rows.filter(({ source_id }) => completed.has(source_id)).length;
  const unnamed = here.total - remembered.rows - remembered.unnamed - rows;
  if (unnamed < 0 || unnamed > mostUnnamed)
    faults.push(`${unnamed} rows more than the sources of this round account for`);
  remembered.rows += rows;
  remembered.unnamed += unnamed;
  // All rows were there before an upload replaced the file, and nothing was left to move.
  const whole = here.history.filter(({ state, source_hex }) => state === 'complete' && !completed.has(source_hex));
  for (const { object_key, rows_loaded } of whole) {
    const isOfReplaced = ({ version, truth }: Expectation) =>
      version.key === object_key && truth.ends === 'completed' && truth.rows.length === rows_loaded;
    if (!replaced.some(isOfReplaced)) faults.push(`${object_key} is complete in the ledger, and was not completed`);
    remembered.replaced = (remembered.replaced ?? 0) + rows_loaded;
  }
  const shown = remembered.rows + (remembered.replaced ?? 0);
  if (here.reviews !== shown) faults.push(`the view reviews has ${here.reviews} rows, and the complete files ${shown}`);
  return { faults, rows };
}
