// Migrate runs once per deployment, in the primary Region, with the user that may change the schema. It also runs after a
// change of the application user's secret, to bring the new password to the database.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCredentialSource } from '../shared/database-credentials.ts';
import { migrateEnv, parseEnv } from '../shared/env.ts';
import { migrations } from '../shared/migrations.ts';
import { addressOf, createSessionOpener } from '../shared/mysql.ts';
import { logger, metrics, withTelemetry } from '../shared/telemetry.ts';
import { provideApplicationUser } from './application-user.ts';
import { applyMigrations } from './apply-migrations.ts';

const env = parseEnv(migrateEnv, process.env);
const secrets = new SecretsManagerClient({});
const address = addressOf(env);
const openSession = createSessionOpener(address, createCredentialSource(secrets, env.DATABASE_SECRET_ID));

export const handler = withTelemetry(async (_payload, context) => {
  const migrated = await applyMigrations(migrations, {
    openSession,
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
  metrics.addMetric('MigrationsApplied', MetricUnit.Count, migrated.applied.length);
  // Read again each time, because a changed password is a reason to run this.
  const source = createCredentialSource(secrets, env.APPLICATION_SECRET_ID);
  const applicationUser = await provideApplicationUser(await source.read(), {
    openAsAdmin: openSession,
    openAsApplication: createSessionOpener(address, source),
  });
  const result = { ...migrated, applicationUser };
  logger.info('schema and application user are up to date', result);
  return result;
});
