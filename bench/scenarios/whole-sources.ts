// One big file against the same lines in many files, through the whole pipeline of the Region with the server by itself:
// upload, event, state machine, all three functions. What is compared is the pipeline, from the first execution's start: before it,
// a lone file has to be there as a whole and then waits a second for company, while of many the first ones begin.

import { createReadStream } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { SourceOutcome } from '../../functions/shared/contract.ts';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import { s3ClientFor } from '../../local/storage/s3-server.ts';
import { type Part, partsOf } from '../input-files.ts';
import { emptyAlone, type Scenario, type Stage } from '../stage.ts';

let turns = 0;

const scenario = (name: string, files: number): Scenario => ({
  name,
  unit: 'rows/s',
  before: emptyAlone,
  async turn(stage) {
    const { path, sizeBytes, rows } = stage.inputs.primary;
    const parts = await partsOf(path, sizeBytes, files);
    turns += 1;
    const before = stage.alone.billed();
    const uploadedAt = Date.now();
    const { startedAt, endedAt } = await ingestParts(stage, parts);
    const [count] = await stage.alone.mysql.query<{ rows_: number }>('SELECT COUNT(*) AS rows_ FROM book_reviews');
    if (Number(count?.rows_) !== rows) throw new Error(`${count?.rows_} rows instead of ${rows}`);
    const after = stage.alone.billed();
    const perMillion = 1e6 / rows;
    const seconds = (endedAt - startedAt) / 1000;
    return {
      value: rows / seconds,
      details: {
        files,
        seconds,
        secondsFromUpload: (endedAt - uploadedAt) / 1000,
        gbSecondsPerMillion: (after.gbSeconds - before.gbSeconds) * perMillion,
        invocationsPerMillion: (after.invocations - before.invocations) * perMillion,
      },
    };
  },
});

/** When the first execution started and the last one ended, milliseconds since the epoch. */
async function ingestParts(
  { alone: { region } }: Stage,
  parts: Part[],
): Promise<{ startedAt: number; endedAt: number }> {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = region.s3;
  const client = s3ClientFor({ endpoint, credentials: { accessKeyId, secretAccessKey } }, region.name);
  const before = region.executions.length;
  await Promise.all(
    parts.map(({ path, start, end }, index) =>
      client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `${pendingPrefix}${turns}-${parts.length}/reviews-${index}.json`,
          Body: createReadStream(path, { start, end: end - 1 }),
          ContentLength: end - start,
        }),
      ),
    ),
  );
  client.destroy();
  await region.idle();
  const executions = region.executions.slice(before);
  const outcomes = executions.flatMap(({ results }) => (results.Postprocess ?? []) as SourceOutcome[]);
  const completed = outcomes.filter(({ outcome }) => outcome === 'completed').length;
  if (completed !== parts.length) throw new Error(`${completed} of ${parts.length} files were completed`);
  return {
    startedAt: Math.min(...executions.map(({ startedAt }) => startedAt)),
    endedAt: Math.max(...executions.map(({ endedAt = Number.POSITIVE_INFINITY }) => endedAt)),
  };
}

export const wholeSources: Scenario[] = [scenario('oneBigFile', 1), scenario('manyFiles', 24)];
