// The daily summary runs by schedule in one Region only, or by hand for any day. It reads the rows of both Regions.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parseInput, summaryRequest } from '../shared/contract.ts';
import { createCredentialSource } from '../shared/database-credentials.ts';
import { dailySummaryEnv, parseEnv } from '../shared/env.ts';
import { addressOf, createSessionOpener } from '../shared/mysql.ts';
import { createS3Client } from '../shared/s3.ts';
import { logger, withTelemetry } from '../shared/telemetry.ts';
import { defaultReportLimits } from './read-reports.ts';
import { summarizeDay } from './summarize-day.ts';

const env = parseEnv(dailySummaryEnv, process.env);
const s3 = createS3Client();
const open = createSessionOpener(
  addressOf(env),
  createCredentialSource(new SecretsManagerClient({}), env.DATABASE_SECRET_ID),
);

/** @param payload `{}` or `{ date }` @returns where the summary is, and its totals */
export const handler = withTelemetry(async (payload, context) => {
  const remainingMs = () => context.getRemainingTimeInMillis();
  const { summary, ...written } = await summarizeDay(parseInput(summaryRequest, payload), {
    openSession: () => open(remainingMs),
    s3,
    bucket: env.BUCKET_NAME,
    region: env.AWS_REGION,
    limits: defaultReportLimits,
    now: () => new Date(),
    remainingMs,
  });
  const { reviews, products, meanRating } = summary.totals;
  const result = { ...written, totals: { reviews, products, meanRating } };
  logger.info('day summarized', { ...result, rejectionsComplete: summary.rejections.isComplete });
  return result;
});
