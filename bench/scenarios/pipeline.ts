// DB-processing as it is shipped: the bundle in sandboxes, invoked once a chunk, from bytes in S3 to rows that are
// committed and were read back. The state machine is not in it; see two-regions.ts and whole-sources.ts.

import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type ChunkSettings, planChunks } from '../../functions/preprocess/plan-chunks.ts';
import type { ChunkProgress, Source } from '../../functions/shared/contract.ts';
import type { Region } from '../../local/region.ts';
import { s3ClientFor } from '../../local/storage/s3-server.ts';
import type { InputFile, WholeFile } from '../input-files.ts';
import { emptyAlone, emptyPair, rowsPerSecond, type Scenario, type Stage } from '../stage.ts';

/** Those of the Region's stack. The pair's Regions have others than the template's defaults, which fit this machine. */
export function chunkSettings({ stack }: Region): ChunkSettings {
  const { CHUNK_BYTES, CHUNK_CONCURRENCY } = stack.functions.PreprocessFunction?.environment ?? {};
  return { chunkBytes: Number(CHUNK_BYTES), chunkConcurrency: Number(CHUNK_CONCURRENCY) };
}

/** Uploads the file where no event looks for it. A new source each time. */
export async function upload(
  region: Region,
  { path, sizeBytes }: { path: string; sizeBytes: number },
  chunks: ChunkSettings,
  format: 'lines' | 'whole' = 'lines',
): Promise<Source> {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = region.s3;
  const client = s3ClientFor({ endpoint, credentials: { accessKeyId, secretAccessKey } }, region.name);
  const key = 'bench/reviews.json';
  const { ETag: etag = '' } = await client.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(path), ContentLength: sizeBytes }),
  );
  client.destroy();
  const sourceId = randomBytes(16).toString('hex');
  const content = { sizeBytes, format };
  return { sourceId, originBucket: bucket, key, etag, ...content, ...planChunks(content, chunks) };
}

/** Each chunk to its end; `sandboxes` invocations at once. */
export async function ingest(region: Region, source: Source, sandboxes: number): Promise<ChunkProgress[]> {
  const waiting = Array.from({ length: source.chunkCount }, (_, chunkIndex) => chunkIndex);
  const results: ChunkProgress[] = [];
  const worker = async () => {
    for (let chunkIndex = waiting.shift(); chunkIndex !== undefined; chunkIndex = waiting.shift()) {
      let progress: ChunkProgress | null = null;
      while (!progress?.done) {
        progress = (await region.invoke('DbProcessingFunction', { source, chunkIndex, progress })) as ChunkProgress;
      }
      results.push(progress);
    }
  };
  await Promise.all(Array.from({ length: sandboxes }, worker));
  return results;
}

const total = (results: ChunkProgress[], count: 'inserted' | 'alreadyPresent') =>
  results.reduce((sum, result) => sum + result[count], 0);

/** So many sandboxes are there, and have done all that they do. */
async function warm(region: Region, stage: Stage): Promise<void> {
  const { sandboxes } = stage.options;
  const source = await upload(region, stage.inputs.primary, chunkSettings(stage.alone.region));
  await ingest(region, { ...source, chunkCount: Math.min(source.chunkCount, sandboxes) }, sandboxes);
}

let uploaded: Source | undefined;

export const pipelineDirect: Scenario = {
  name: 'pipelineDirect',
  unit: 'rows/s',
  async before(stage) {
    const { alone, inputs } = stage;
    await warm(alone.region, stage);
    await emptyAlone(stage);
    uploaded = await upload(alone.region, inputs.primary, chunkSettings(stage.alone.region));
  },
  turn: (stage) => ingestFile(stage, stage.inputs.primary),
};

/** The source that was uploaded last, which is the file's. Bytes a second too, since records of other formats have other lengths. */
async function ingestFile({ alone, options }: Stage, { rows, sizeBytes }: Pick<InputFile, 'rows' | 'sizeBytes'>) {
  const taken = await rowsPerSecond(rows, async () =>
    total(await ingest(alone.region, uploaded as Source, options.sandboxes), 'inserted'),
  );
  return { ...taken, details: { ...taken.details, mibPerSecond: sizeBytes / 1024 ** 2 / (rows / taken.value) } };
}

/** The same reviews as another data set has them. */
const inFormat = (name: string, file: (inputs: Stage['inputs']) => InputFile): Scenario => ({
  name: `pipelineDirect${name}`,
  unit: 'rows/s',
  async before(stage) {
    await emptyAlone(stage);
    uploaded = await upload(stage.alone.region, file(stage.inputs), chunkSettings(stage.alone.region));
  },
  turn: (stage) => ingestFile(stage, file(stage.inputs)),
});
export const otherFormats = [
  inFormat('2023', ({ in2023 }) => in2023),
  inFormat('Goodreads', ({ inGoodreads }) => inGoodreads),
];

/** The same reviews in a file that is read as a whole: one invocation after the other. Bytes are those of the text in it. */
const inWhole = (name: string, file: (inputs: Stage['inputs']) => WholeFile): Scenario => ({
  name: `pipelineDirect${name}`,
  unit: 'rows/s',
  async before(stage) {
    await emptyAlone(stage);
    uploaded = await upload(stage.alone.region, file(stage.inputs), chunkSettings(stage.alone.region), 'whole');
  },
  turn(stage) {
    const { rows, textBytes } = file(stage.inputs);
    return ingestFile(stage, { rows, sizeBytes: textBytes });
  },
});
export const wholeContainers = [inWhole('Csv', ({ csv }) => csv), inWhole('Zstd', ({ zstd }) => zstd)];

/** The source of the last pipelineDirect once more, as a retry or a second delivery would. */
export const replay: Scenario = {
  name: 'replay',
  unit: 'rows/s',
  turn: ({ alone, inputs, options }) =>
    rowsPerSecond(inputs.primary.rows, async () =>
      total(await ingest(alone.region, uploaded as Source, options.sandboxes), 'alreadyPresent'),
    ),
};

const secondaryOf = ({ pair }: Stage) => pair.regions[1].region;

export const pipelineForwarded = (rttMs: number): Scenario => ({
  name: `pipelineForwarded${rttMs}`,
  unit: 'rows/s',
  async before(stage) {
    const { pair, inputs } = stage;
    await pair.globalDatabase.setRttMs(0);
    await warm(secondaryOf(stage), stage);
    await emptyPair(stage);
    uploaded = await upload(secondaryOf(stage), inputs.primary, chunkSettings(stage.alone.region));
    await pair.globalDatabase.setRttMs(rttMs);
  },
  turn: (stage) =>
    rowsPerSecond(stage.inputs.primary.rows, async () =>
      total(await ingest(secondaryOf(stage), uploaded as Source, stage.options.sandboxes), 'inserted'),
    ),
});
