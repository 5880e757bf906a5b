// Files of one review each: the pipeline, started by their events, against a plain worker on the same servers. All files are there
// before the time starts. The Regions are 12 ms apart.
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { BundleOutcome } from '../../functions/shared/bundle-contract.ts';
import type { SourceOutcome } from '../../functions/shared/contract.ts';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import { mapConcurrently } from '../../functions/shared/map-concurrently.ts';
import type { LocalRegion } from '../../local/demo/two-regions.ts';
import { s3ClientFor } from '../../local/storage/s3-server.ts';
import { emptyPair, type Scenario, type Stage } from '../stage.ts';
import { runPlainWorker } from './plain-worker.ts';

const uploadsAtOnce = 32;
let turns = 0;

export const clientOf = ({ region }: LocalRegion): S3Client => {
  const { endpoint, accessKeyId, secretAccessKey } = region.s3;
  return s3ClientFor({ endpoint, credentials: { accessKeyId, secretAccessKey } }, region.name);
};

export async function uploadTinyFiles({ name, region }: LocalRegion, files: number, s3: S3Client): Promise<void> {
  turns += 1;
  await mapConcurrently(
    Array.from({ length: files }, (_, index) => index),
    uploadsAtOnce,
    (index) => {
      const review = {
        reviewerID: `A${turns}-${index}`,
        asin: '0000013714',
        overall: 5,
        reviewText: 'Quick fun read.',
      };
      const Key = `${pendingPrefix}${name}/tiny-${turns}/${index}.json`;
      return s3.send(new PutObjectCommand({ Bucket: region.bucket, Key, Body: `${JSON.stringify(review)}\n` }));
    },
  );
}

type Work = (local: LocalRegion, stage: Stage, s3: S3Client) => Promise<number>;

const tinyFiles = (name: string, index: 0 | 1, work: Work): Scenario => {
  const measure = async (stage: Stage, files: number): Promise<number> => {
    const local = stage.pair.regions[index];
    const s3 = clientOf(local);
    stage.pair.holdEvents(true);
    try {
      await uploadTinyFiles(local, files, s3);
      const begun = performance.now();
      const done = await work(local, stage, s3);
      const seconds = (performance.now() - begun) / 1000;
      if (done !== files) throw new Error(`${done} of ${files} files`);
      return seconds;
    } finally {
      stage.pair.holdEvents(false);
      s3.destroy();
    }
  };
  return {
    name: `${name}${index === 0 ? 'Primary' : 'Secondary'}`,
    unit: 'files/s',
    once: true,
    async before(stage) {
      await stage.pair.globalDatabase.setRttMs(12);
      // Each sandbox compiles what it runs often. It takes some thousand requests until that is done.
      await measure(stage, stage.options.tinyFiles);
      await emptyPair(stage);
    },
    async turn(stage) {
      const files = stage.options.tinyFiles;
      const seconds = await measure(stage, files);
      return { value: files / seconds, details: { seconds } };
    },
  };
};

const byPipeline: Work = async ({ region }, stage) => {
  const before = region.executions.length;
  stage.pair.holdEvents(false);
  await region.idle();
  const outcomes = region.executions
    .slice(before)
    .flatMap(({ results }) => (results.Postprocess ?? []) as (SourceOutcome | BundleOutcome)[]);
  const completedIn = (ended: SourceOutcome | BundleOutcome) =>
    'completed' in ended ? ended.completed : Number(ended.outcome === 'completed');
  return outcomes.reduce((sum, ended) => sum + completedIn(ended), 0);
};

const byPlainWorker: Work = async (local, stage, s3) => {
  stage.pair.dropEvents();
  const { name, region } = local;
  const place = { region: name, bucket: region.bucket, database: local.database() };
  return runPlainWorker({ ...place, isSecondary: local.role() === 'secondary' }, s3);
};

export const tinyFileScenarios: Scenario[] = [
  tinyFiles('tinyFiles', 0, byPipeline),
  tinyFiles('plainWorker', 0, byPlainWorker),
  tinyFiles('tinyFiles', 1, byPipeline),
  tinyFiles('plainWorker', 1, byPlainWorker),
];
