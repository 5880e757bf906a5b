// Doctor finds what stands between this deployment and its first file. Invoked by `npm run doctor`, or by hand with {}.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCredentialSource } from '../shared/database-credentials.ts';
import { doctorEnv, parseEnv } from '../shared/env.ts';
import { migrations } from '../shared/migrations.ts';
import { addressOf } from '../shared/mysql.ts';
import { createS3Client } from '../shared/s3.ts';
import { logger, withTelemetry } from '../shared/telemetry.ts';
import { examineBucket } from './examine-bucket.ts';
import { examineDatabase } from './examine-database.ts';
import { examineEntrances } from './examine-entrances.ts';
import { examineRecordFormats } from './examine-record-formats.ts';
import type { Examination } from './finding.ts';

const env = parseEnv(doctorEnv, process.env);
const s3 = createS3Client();
const secrets = new SecretsManagerClient({});
const address = addressOf(env);

/** Read again each time, because someone may just have corrected it. */
export const handler = withTelemetry(async (): Promise<Examination> => {
  const bucket = examineBucket(s3, env.BUCKET_NAME);
  const { findings, session } = await examineEntrances(
    address,
    createCredentialSource(secrets, env.DATABASE_SECRET_ID),
  );
  try {
    if (session) findings.push(...(await examineDatabase(session, migrations)));
  } finally {
    await session?.close();
  }
  findings.push(...(await bucket), ...examineRecordFormats(env.RECORD_FORMATS));
  const examination = { region: env.AWS_REGION, findings };
  logger.info('examined', { notOk: examination.findings.filter(({ ok }) => ok !== true).map(({ what }) => what) });
  return examination;
});
