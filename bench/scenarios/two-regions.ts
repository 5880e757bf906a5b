// The whole pipeline as in the demo: both Regions ingest at once, from the uploads until both Regions' readers hold every row.

import { basename, join } from 'node:path';
import type { UploadedFile } from '../../local/demo/evidence.ts';
import { ingest } from '../../local/demo/ingest.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { makeReviewFiles } from '../../local/reviews/make-reviews.ts';
import { countIndependently } from '../../local/reviews/read-independently.ts';
import { stateDirectory } from '../../local/state-directory.ts';
import { emptyPair, rowsPerSecond, type Scenario, type Stage } from '../stage.ts';

/** A whole batch of the Pipe, so that none waits for company. */
const filesOfRegion = 10;
const made = new Map<string, Promise<UploadedFile[]>>();
let turns = 0;

/** Made once. Each turn uploads them under other names, so that they are other sources. */
function filesOf(region: string, reviews: number): Promise<UploadedFile[]> {
  const files =
    made.get(region) ??
    makeReviewFiles({
      region,
      reviews,
      files: filesOfRegion,
      directory: join(stateDirectory, 'bench', 'files', region),
    }).then((all) =>
      Promise.all(all.map(async (file) => ({ ...file, made: true, expected: await countIndependently(file.path) }))),
    );
  made.set(region, files);
  return files;
}

async function ingestBoth({ pair }: Stage, files: UploadedFile[][]): Promise<number> {
  turns += 1;
  const ends = await Promise.all(
    pair.regions.map((local, index) =>
      ingest(
        local,
        (files[index] as UploadedFile[]).map((file) => ({ ...file, name: `turn-${turns}/${basename(file.name)}` })),
        {
          upload: ({ bucket }, { name, path, sizeBytes }) => bucket.upload(name, path, sizeBytes),
          signal: new AbortController().signal,
        },
      ),
    ),
  );
  for (const { outcomes } of ends) {
    if (outcomes.failed + outcomes.pending > 0) throw new Error(`sources failed: ${JSON.stringify(outcomes)}`);
  }
  await pair.caughtUp();
  return files.flat().reduce((sum, { expected }) => sum + (expected?.reviews ?? 0), 0);
}

async function checkReaders({ pair }: Stage, rows: number): Promise<void> {
  for (const region of pair.regions) {
    const [count] = await withDatabase(region.database(), (query) =>
      query<{ rows_: number }>('SELECT COUNT(*) AS rows_ FROM book_reviews'),
    );
    if (Number(count?.rows_) !== rows) throw new Error(`${region.name} reads ${count?.rows_} rows instead of ${rows}`);
  }
}

export const twoRegions: Scenario = {
  name: 'twoRegions',
  unit: 'rows/s',
  async before(stage) {
    await stage.pair.globalDatabase.setRttMs(12);
    await emptyPair(stage);
    for (const { name } of stage.pair.regions) await filesOf(name, stage.options.rows);
  },
  async turn(stage) {
    const { pair, options } = stage;
    const files = await Promise.all(pair.regions.map(({ name }) => filesOf(name, options.rows)));
    const rows = files.flat().reduce((sum, { expected }) => sum + (expected?.reviews ?? 0), 0);
    pair.globalDatabase.resetLag();
    const { value, seconds } = await rowsPerSecond(rows, () => ingestBoth(stage, files));
    const { p50, p99 } = pair.globalDatabase.replicationLag();
    await checkReaders(stage, rows);
    return { value, details: { seconds, lagP50Ms: p50, lagP99Ms: p99 } };
  },
};

/** 8,100 rows a second over both Regions, as the public sample has them: a small file twice a second in each, in turns. */
export const samplePace: Scenario = {
  name: 'samplePace',
  unit: 'rows/s',
  once: true,
  before: twoRegions.before as NonNullable<Scenario['before']>,
  async turn(stage) {
    const { pair } = stage;
    const small = await Promise.all(pair.regions.map(({ name }) => smallFileOf(name)));
    // The first uploads find cold sandboxes; what is measured is a pace that continues.
    const uploads = 2 * 12;
    const firstMeasured = 2 * 2;
    const begun = performance.now();
    for (let upload = 0; upload < uploads; upload += 1) {
      if (upload === firstMeasured) pair.globalDatabase.resetLag();
      await Promise.all(
        pair.regions.map(async ({ bucket }, index) => {
          await until(begun + upload * 500 + index * 250);
          const { path, sizeBytes } = small[index] as { path: string; sizeBytes: number };
          await bucket.upload(`pace-${turns}-${upload}.json`, path, sizeBytes);
        }),
      );
    }
    await Promise.all(pair.regions.map(({ region }) => region.idle()));
    await pair.caughtUp();
    const seconds = (performance.now() - begun) / 1000;
    const [count] = await pair.query<{ rows_: number }>('SELECT COUNT(*) AS rows_ FROM book_reviews');
    const { p50, p99, max } = pair.globalDatabase.replicationLag();
    return { value: Number(count?.rows_) / seconds, details: { seconds, lagP50Ms: p50, lagP99Ms: p99, lagMaxMs: max } };
  },
};

const until = (at: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));

async function smallFileOf(region: string): Promise<{ path: string; sizeBytes: number }> {
  const directory = join(stateDirectory, 'bench', 'pace', region);
  const [file] = await makeReviewFiles({ region, reviews: 8_100 / 4, files: 1, directory, seed: 'pace' });
  if (file === undefined) throw new Error('no file was made');
  return file;
}
