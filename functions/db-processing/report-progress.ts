// Writes the work of one invocation as metrics and one line of log.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ChunkProgress, ChunkTask } from '../shared/contract.ts';
import { logger, metrics } from '../shared/telemetry.ts';

/** `progress` is cumulative over a chunk's invocations; the metrics are this invocation's part. */
export function reportProgress(task: ChunkTask, progress: ChunkProgress): void {
  const since = (count: 'lines' | 'inserted' | 'alreadyPresent' | 'rejected' | 'blank' | 'unknownFields') =>
    progress[count] - (task.progress?.[count] ?? 0);
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
  logger.info(progress.done ? 'chunk ingested' : 'chunk stopped before the deadline', {
    sourceId: task.source.sourceId,
    key: task.source.key,
    progress: { ...progress },
  });
}
