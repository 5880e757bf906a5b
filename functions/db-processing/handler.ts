// DB-processing: one chunk of a source becomes rows. The only function of the pipeline that knows the database.
import './young-generation.ts';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type BundleProgress, bundleTask, isAboutBundle, withdrawEachRequest } from '../shared/bundle-contract.ts';
import {
  type ChunkProgress,
  chunkTask,
  type Erasure,
  eraseRequest,
  hasEntry,
  parsePayload,
  type RowCounts,
  rowCountRequest,
  type Withdrawal,
  withdrawRequest,
} from '../shared/contract.ts';
import { createCredentialSource } from '../shared/database-credentials.ts';
import { dbProcessingEnv, parseEnv } from '../shared/env.ts';
import { addressOf, createSessionOpener } from '../shared/mysql.ts';
import { readRecordFormats } from '../shared/read-record-formats.ts';
import { createS3Client } from '../shared/s3.ts';
import { logger, withTelemetry } from '../shared/telemetry.ts';
import { ingestBundle } from './bundle/ingest-bundle.ts';
import { withdrawEach } from './bundle/withdraw-each.ts';
import { countRows } from './count-rows.ts';
import { eraseReviewer } from './erase-reviewer.ts';
import { ingestChunk } from './ingest-chunk.ts';
import { createReviewParser } from './parse-review.ts';
import { reportBundle, reportProgress } from './report-progress.ts';
import { withdrawRows } from './withdraw-rows.ts';

const env = parseEnv(dbProcessingEnv, process.env);
const s3 = createS3Client();
const parser = createReviewParser(readRecordFormats(env.RECORD_FORMATS));
const open = createSessionOpener(
  addressOf(env),
  createCredentialSource(new SecretsManagerClient({}), env.DATABASE_SECRET_ID),
);

type Answer = ChunkProgress | BundleProgress | RowCounts | Withdrawal | Erasure;

/** @param payload `ChunkTask`, or `BundleTask`, or `{ countRows }`, `{ withdraw }` or `{ erase }` */
export const handler = withTelemetry(async (payload, context): Promise<Answer> => {
  const remainingMs = () => context.getRemainingTimeInMillis();
  const openSession = () => open(remainingMs);
  if (hasEntry(payload, 'countRows')) return countRows(parsePayload(rowCountRequest, payload), openSession);
  if (hasEntry(payload, 'erase'))
    return eraseReviewer(parsePayload(eraseRequest, payload).erase, { openSession, remainingMs });
  if (hasEntry(payload, 'withdraw')) {
    const each = withdrawEachRequest.safeParse(payload);
    if (each.success) return withdrawEach(each.data, { openSession, remainingMs, region: env.AWS_REGION });
    return withdrawRows(parsePayload(withdrawRequest, payload), { openSession, remainingMs, region: env.AWS_REGION });
  }
  const dependencies = {
    s3,
    bucket: env.BUCKET_NAME,
    region: env.AWS_REGION,
    openSession,
    connections: env.DATABASE_CONNECTIONS,
    batchRows: env.BATCH_ROWS,
    parser,
    maxDecompressedBytes: env.MAX_DECOMPRESSED_MIB * 1024 ** 2,
    maxRejectedPercent: env.MAX_REJECTED_PERCENT,
    sameContent: env.SAME_CONTENT,
    remainingMs,
    log: logger,
  };
  if (isAboutBundle(payload)) {
    const task = parsePayload(bundleTask, payload);
    const progress = await ingestBundle(task, dependencies);
    reportBundle(task, progress);
    return progress;
  }
  const task = parsePayload(chunkTask, payload);
  const progress = await ingestChunk(task, dependencies);
  reportProgress(task, progress);
  return progress;
});
