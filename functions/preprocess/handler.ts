// Preprocess: finds sources and plans their chunks. No database, no VPC.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { identificationTask, parseInput, parsePayload, preprocessInput } from '../shared/contract.ts';
import { parseEnv, preprocessEnv } from '../shared/env.ts';
import { createS3Client } from '../shared/s3.ts';
import { logger, metrics, withTelemetry } from '../shared/telemetry.ts';
import { checksumRange, identify } from './checksum-ranges.ts';
import { listSources } from './list-sources.ts';

const env = parseEnv(preprocessEnv, process.env);
const settings = {
  bucket: env.BUCKET_NAME,
  chunkBytes: env.CHUNK_BYTES,
  chunkConcurrency: env.CHUNK_CONCURRENCY,
  pageKeys: env.PAGE_KEYS,
};
const dependencies = {
  s3: createS3Client(),
  log: logger,
  noteOldest: (uploadedAt: Date) => {
    const seconds = Math.max(0, (Date.now() - uploadedAt.getTime()) / 1000);
    metrics.addMetric('OldestPendingSeconds', MetricUnit.Seconds, seconds);
  },
};

/** Objects that somebody must look at: they stay where they are, and no drain takes them up. */
const refusals = ['unreadable', 'too-large'] as const;

/** @param payload `PreprocessInput`, or an `IdentificationTask` @returns `Page`, or a range's checksum, or a `Source` */
export const handler = withTelemetry(async (payload) => {
  const isTask =
    typeof payload === 'object' && payload !== null && ('checksumRange' in payload || 'identify' in payload);
  if (isTask) return identification(payload);
  const page = await listSources(parseInput(preprocessInput, payload), settings, dependencies);
  const dropped = Object.values(page.dropped).reduce((sum, count) => sum + count, 0);
  metrics.addMetric('SourcesPlanned', MetricUnit.Count, page.sources.length);
  metrics.addMetric('SourcesDropped', MetricUnit.Count, dropped);
  const refused = refusals.reduce((sum, reason) => sum + (page.dropped[reason] ?? 0), 0);
  metrics.addMetric('SourcesRefused', MetricUnit.Count, refused);
  logger.info('page listed', { sources: page.sources.length, dropped: page.dropped, cursor: page.cursor });
  return page;
});

/** The state machine asks for one range of a large object after the other, or with the checksums of all of them. */
async function identification(payload: object) {
  const task = parsePayload(identificationTask, payload);
  const place = { bucket: env.BUCKET_NAME, s3: dependencies.s3 };
  if ('identify' in task) return identify(task.identify.source, task.identify.ranges, place);
  return checksumRange(task.checksumRange.source, task.checksumRange.index, place);
}
