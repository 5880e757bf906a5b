// Migrate: run once a deployment, in the primary Region, by the user that may change the schema.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCredentialSource } from '../shared/database-credentials.ts';
import { migrateEnv, parseEnv } from '../shared/env.ts';
import { createSessionOpener } from '../shared/mysql.ts';
import { logger, metrics, withTelemetry } from '../shared/telemetry.ts';
import { applyMigrations } from './apply-migrations.ts';
import { migrations } from './migrations.ts';

const env = parseEnv(migrateEnv, process.env);
const openSession = createSessionOpener(
  {
    database: env.DATABASE_NAME,
    writerEndpoint: env.DATABASE_WRITER_ENDPOINT,
    readerEndpoint: env.DATABASE_READER_ENDPOINT,
    caPem: env.DATABASE_CA_PEM,
  },
  createCredentialSource(new SecretsManagerClient({}), env.DATABASE_SECRET_ID),
);

export const handler = withTelemetry(async (_payload, context) => {
  const result = await applyMigrations(migrations, {
    openSession,
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
  metrics.addMetric('MigrationsApplied', MetricUnit.Count, result.applied.length);
  logger.info('schema is up to date', { ...result });
  return result;
});
