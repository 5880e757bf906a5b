// Postprocess: accounts for a source, writes its report and moves it. Comes last, and may come twice.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { parsePayload, sourceEnd } from '../shared/contract.ts';
import { parseEnv, postprocessEnv } from '../shared/env.ts';
import { createS3Client } from '../shared/s3.ts';
import { logger, metrics, withTelemetry } from '../shared/telemetry.ts';
import { defaultCopyLimits } from './copy-object.ts';
import { finishSource } from './finish-source.ts';

const env = parseEnv(postprocessEnv, process.env);
const dependencies = {
  s3: createS3Client(),
  bucket: env.BUCKET_NAME,
  region: env.AWS_REGION,
  limits: defaultCopyLimits,
  now: () => new Date(),
  log: logger,
};

const metricOf = { completed: 'SourcesCompleted', failed: 'SourcesFailed', pending: 'SourcesPending' } as const;

/** @param payload `SourceEnd` @returns `SourceOutcome` */
export const handler = withTelemetry(async (payload) => {
  const outcome = await finishSource(parsePayload(sourceEnd, payload), dependencies);
  metrics.addMetric(metricOf[outcome.outcome], MetricUnit.Count, 1);
  return outcome;
});
