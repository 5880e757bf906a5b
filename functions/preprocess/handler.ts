// Preprocess: finds sources and plans their chunks. No database, no VPC.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { type BundlePage, bundlePageRequest } from '../shared/bundle-contract.ts';
import {
  hasEntry,
  identificationTask,
  type Page,
  parseInput,
  parsePayload,
  preprocessInput,
} from '../shared/contract.ts';
import { parseEnv, preprocessEnv } from '../shared/env.ts';
import { createS3Client } from '../shared/s3.ts';
import { logger, metrics, withTelemetry } from '../shared/telemetry.ts';
import { checksumRange, identify } from './checksum-ranges.ts';
import { listAlone, listBundles, listSources } from './list-sources.ts';

const env = parseEnv(preprocessEnv, process.env);
const settings = {
  bucket: env.BUCKET_NAME,
  chunkBytes: env.CHUNK_BYTES,
  chunkConcurrency: env.CHUNK_CONCURRENCY,
  pageKeys: env.PAGE_KEYS,
  smallBytes: env.SMALL_BYTES,
  sourceConcurrency: env.SOURCE_CONCURRENCY,
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

/** @param payload `PreprocessInput`, or a `BundlePageRequest`, or an `IdentificationTask` @returns `Page`, or `BundlePage`, or a range's checksum, or a `Source` */
export const handler = withTelemetry(async (payload) => {
  if (hasEntry(payload, 'checksumRange') || hasEntry(payload, 'identify')) return identification(payload);
  const page = await pageOf(payload);
  const sources = 'items' in page ? page.items.reduce((sum, item) => sum + sourcesOf(item), 0) : page.sources.length;
  const dropped = Object.values(page.dropped).reduce((sum, count) => sum + count, 0);
  metrics.addMetric('SourcesPlanned', MetricUnit.Count, sources);
  metrics.addMetric('SourcesDropped', MetricUnit.Count, dropped);
  const refused = refusals.reduce((sum, reason) => sum + (page.dropped[reason] ?? 0), 0);
  metrics.addMetric('SourcesRefused', MetricUnit.Count, refused);
  logger.info('page listed', { sources, dropped: page.dropped, cursor: page.cursor });
  return page;
});

/** A state machine of the version before gives the input as it is, and gets single sources. */
async function pageOf(payload: unknown): Promise<Page | BundlePage> {
  if (!hasEntry(payload, 'takesBundles'))
    return listSources(parseInput(preprocessInput, payload), settings, dependencies);
  const { request } = parseInput(bundlePageRequest, payload);
  if ('alone' in request) return listAlone(request.alone.flat(), request.cursor, settings, dependencies);
  return listBundles(request, settings, dependencies);
}

const sourcesOf = ({ source }: BundlePage['items'][number]) => ('objects' in source ? source.objects.length : 1);

/** The state machine asks for one range of a large object after the other, or with the checksums of all of them. */
async function identification(payload: unknown) {
  const task = parsePayload(identificationTask, payload);
  const place = { bucket: env.BUCKET_NAME, s3: dependencies.s3 };
  if ('identify' in task) return identify(task.identify.source, task.identify.ranges, place);
  return checksumRange(task.checksumRange.source, task.checksumRange.index, place);
}
