// Preprocess: finds sources and plans their chunks. No database, no VPC.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { parseInput, preprocessInput } from '../shared/contract.ts';
import { parseEnv, preprocessEnv } from '../shared/env.ts';
import { createS3Client } from '../shared/s3.ts';
import { logger, metrics, withTelemetry } from '../shared/telemetry.ts';
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

/** @param payload `PreprocessInput` @returns `Page` */
export const handler = withTelemetry(async (payload) => {
  const page = await listSources(parseInput(preprocessInput, payload), settings, dependencies);
  const dropped = Object.values(page.dropped).reduce((sum, count) => sum + count, 0);
  metrics.addMetric('SourcesPlanned', MetricUnit.Count, page.sources.length);
  metrics.addMetric('SourcesDropped', MetricUnit.Count, dropped);
  logger.info('page listed', { sources: page.sources.length, dropped: page.dropped, cursor: page.cursor });
  return page;
});
