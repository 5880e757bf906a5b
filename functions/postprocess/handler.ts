// Postprocess: accounts for a source, writes its report and moves it. Comes last, and may come twice.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { bundleEnd, isAboutBundle } from '../shared/bundle-contract.ts';
import { parsePayload, type SourceEnd, type SourceOutcome, sourceEnd } from '../shared/contract.ts';
import { parseEnv, postprocessEnv } from '../shared/env.ts';
import { createS3Client } from '../shared/s3.ts';
import { logger, metrics, withTelemetry } from '../shared/telemetry.ts';
import { defaultCopyLimits } from './copy-object.ts';
import { finishBundle } from './finish-bundle.ts';
import { finishSource } from './finish-source.ts';
import { tooManyRejected } from './judge-source.ts';

const env = parseEnv(postprocessEnv, process.env);
const dependencies = {
  s3: createS3Client(),
  bucket: env.BUCKET_NAME,
  region: env.AWS_REGION,
  limits: defaultCopyLimits,
  maxRejectedPercent: env.MAX_REJECTED_PERCENT,
  sameName: env.SAME_NAME,
  now: () => new Date(),
  log: logger,
};

const metricOf = { completed: 'SourcesCompleted', failed: 'SourcesFailed', pending: 'SourcesPending' } as const;

/** @param payload `SourceEnd`, or `BundleEnd` @returns the outcome, or what is to be withdrawn first */
export const handler = withTelemetry(async (payload) => {
  if (isAboutBundle(payload)) return finishBundle(parsePayload(bundleEnd, payload), { ...dependencies, onOutcome });
  const end = parsePayload(sourceEnd, payload);
  const outcome = await finishSource(end, dependencies);
  if (!('withdraw' in outcome)) onOutcome(outcome, end);
  return outcome;
});

function onOutcome(outcome: SourceOutcome, end: SourceEnd): void {
  metrics.addMetric(metricOf[outcome.outcome], MetricUnit.Count, 1);
  if (outcome.reason === tooManyRejected) metrics.addMetric('SourcesFailedByVerdict', MetricUnit.Count, 1);
  if (outcome.outcome === 'completed') noteFreshness(end);
}

/** From the upload to its rows being readable, and the file being complete. A file that is put back was uploaded when it was put back. */
function noteFreshness({ source, chunkResults }: SourceEnd): void {
  if (source.uploadedAt === undefined) return;
  const seconds = Math.max(0, (Date.now() - Date.parse(source.uploadedAt)) / 1000);
  metrics.addMetric('SecondsToReadable', MetricUnit.Seconds, seconds);
  const { sameContentAs = null, sameNameAs = null } = chunkResults?.find(({ sameness }) => sameness)?.sameness ?? {};
  metrics.addMetric('SameContentFiles', MetricUnit.Count, sameContentAs === null ? 0 : 1);
  metrics.addMetric('SameNameFiles', MetricUnit.Count, sameNameAs === null ? 0 : 1);
}
