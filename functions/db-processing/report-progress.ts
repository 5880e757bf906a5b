// Writes the work of one invocation as metrics and one line of log.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { BundleProgress, BundleTask } from '../shared/bundle-contract.ts';
import type { ChunkProgress, ChunkTask } from '../shared/contract.ts';
import { logger, metrics } from '../shared/telemetry.ts';

/** `progress` is cumulative over a chunk's invocations; the metrics are this invocation's part. */
export function reportProgress(task: ChunkTask, progress: ChunkProgress): void {
  addMetrics(task, progress);
  logger.info(progress.done ? 'chunk ingested' : 'chunk stopped before the deadline', {
    sourceId: task.source.sourceId,
    key: task.source.key,
    progress: { ...progress },
  });
}

/** Metrics of all sources together. A log entry for each source comes from Postprocess. */
export function reportBundle({ source, progress: before }: BundleTask, { done, results }: BundleProgress): void {
  const total = { ...noCounts, misfits: {} as Record<string, number> };
  const fresh = results.slice(before?.results.length ?? 0);
  for (const result of fresh) {
    if (!('chunk' in result)) continue;
    for (const count of countNames) total[count] += result.chunk[count];
    for (const [column, count] of Object.entries(result.chunk.misfits ?? {}))
      total.misfits[column] = (total.misfits[column] ?? 0) + count;
  }
  addMetrics({ progress: null }, total);
  const dropped = fresh.filter((result) => 'dropped' in result).length;
  const refused = fresh.filter((result) => 'dropped' in result && result.dropped === 'unreadable').length;
  metrics.addMetric('SourcesRefused', MetricUnit.Count, refused);
  const alone = fresh.filter((result) => 'alone' in result).length;
  logger.info(done ? 'bundle ingested' : 'bundle stopped before the deadline', {
    objects: source.objects.length,
    results: results.length,
    dropped,
    alone,
    inserted: total.inserted,
    rejected: total.rejected,
  });
}

const countNames = ['lines', 'inserted', 'alreadyPresent', 'rejected', 'blank', 'unknownFields'] as const;
type CountName = (typeof countNames)[number];
type Counts = Pick<ChunkProgress, CountName | 'misfits'>;
const noCounts: Record<CountName, number> = {
  lines: 0,
  inserted: 0,
  alreadyPresent: 0,
  rejected: 0,
  blank: 0,
  unknownFields: 0,
};

function addMetrics(task: { progress: Counts | null }, progress: Counts): void {
  const since = (count: CountName) => progress[count] - (task.progress?.[count] ?? 0);
  metrics.addMetric('LinesRead', MetricUnit.Count, since('lines'));
  metrics.addMetric('ReviewsInserted', MetricUnit.Count, since('inserted'));
  metrics.addMetric('ReviewsAlreadyPresent', MetricUnit.Count, since('alreadyPresent'));
  metrics.addMetric('RecordsRejected', MetricUnit.Count, since('rejected'));
  metrics.addMetric('LinesBlank', MetricUnit.Count, since('blank'));
  metrics.addMetric('UnknownFields', MetricUnit.Count, since('unknownFields'));
  let misfits = 0;
  for (const [column, count] of Object.entries(progress.misfits ?? {})) {
    const more = count - (task.progress?.misfits?.[column] ?? 0);
    misfits += more;
    if (more > 0) metrics.singleMetric().addDimension('column', column).addMetric('Misfits', MetricUnit.Count, more);
  }
  metrics.addMetric('Misfits', MetricUnit.Count, misfits);
}
