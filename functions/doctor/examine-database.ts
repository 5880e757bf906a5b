// Checks the schema and the privileges with a session of the application's user. On a secondary, writes go through
// write forwarding. Read-only: the INSERT below matches no rows.

import { checksumOf, type Migration } from '../shared/migration.ts';
import type { Session } from '../shared/mysql.ts';
import { serverError } from '../shared/mysql-errors.ts';
import { forwardingAdvice } from './examine-entrances.ts';
import { examineSettings } from './examine-settings.ts';
import { type Finding, fine, wrong } from './finding.ts';

/** A forwarded statement may wait for a lock, and for a round trip between the Regions. */
const statementMs = 10_000;

/** Tests the privileges of DB-processing's INSERT without changing a row. */
const insertNothing = `INSERT INTO book_reviews (source_id, source_offset, region_indicator, reviewer_id, asin)
  SELECT source_id, source_offset, region_indicator, reviewer_id, asin FROM book_reviews WHERE source_id = x'' AND source_offset = 0
  ON DUPLICATE KEY UPDATE source_id = VALUES(source_id)`;

const migrateAdvice = 'Invoke Migrate of this version in the primary Region.';
const schemaChanging = /\b(ALL PRIVILEGES|CREATE|ALTER|DROP|INDEX|REFERENCES|TRIGGER|SUPER|GRANT OPTION)\b/;
const numberOf = (error: unknown) => ((error as Error).cause as { errno?: number } | undefined)?.errno ?? 0;

export async function examineDatabase(session: Session, migrations: readonly Migration[]): Promise<Finding[]> {
  return [
    await schema(session, migrations),
    await reads(session),
    await writes(session),
    await grants(session),
    ...(await examineSettings(session)),
  ];
}

async function schema(session: Session, migrations: readonly Migration[]): Promise<Finding> {
  const what = 'schema';
  try {
    const records = await session.run<{ name: string; checksum: string }[]>(
      'SELECT name, checksum FROM schema_migrations',
      statementMs,
    );
    const recorded = new Map(records.map(({ name, checksum }) => [name, checksum]));
    const missing = migrations.filter(({ name }) => !recorded.has(name));
    if (missing.length > 0) {
      return wrong(what, `not applied: ${missing.map(({ name }) => name).join(', ')}`, migrateAdvice);
    }
    const changed = migrations.filter(({ name, sql }) => recorded.get(name) !== checksumOf(sql));
    if (changed.length > 0) {
      const advice = 'Restore the file as it was applied, and put the change into a new migration.';
      return wrong(what, `changed after it was applied: ${changed.map(({ name }) => name).join(', ')}`, advice);
    }
    return fine(what, `${migrations.length} of ${migrations.length} migrations applied`);
  } catch (error) {
    return wrong(what, (error as Error).message, migrateAdvice);
  }
}

async function reads(session: Session): Promise<Finding> {
  try {
    await session.run('SELECT source_id FROM book_reviews LIMIT 1', statementMs);
    return fine('reading', 'allowed');
  } catch (error) {
    return wrong('reading', (error as Error).message, migrateAdvice);
  }
}

async function writes(session: Session): Promise<Finding> {
  const what = session.role === 'secondary' ? 'write forwarding' : 'writing';
  try {
    await session.run(insertNothing, statementMs);
    return fine(what, session.role === 'secondary' ? 'the primary took a statement of no rows' : 'allowed');
  } catch (error) {
    return wrong(what, (error as Error).message, writeAdvice(session, numberOf(error)));
  }
}

/** A privilege is missing, or the table. */
const missing = new Set<number>([serverError.tableDenied, serverError.columnDenied, serverError.unknownTable]);

function writeAdvice({ role }: Session, errno: number): string {
  if (errno === serverError.tooManyConnections)
    return 'Raise aurora_fwd_writer_max_connections_pct of the primary, or lower DbProcessingConcurrency.';
  if (missing.has(errno) || role === 'primary') return migrateAdvice;
  return forwardingAdvice;
}

async function grants(session: Session): Promise<Finding> {
  const what = 'least privilege';
  const rows = await session.run<Record<string, string>[]>('SHOW GRANTS', statementMs);
  const excess = rows.flatMap(Object.values).filter((grant) => schemaChanging.test(privilegesOf(grant)));
  if (excess.length === 0) return fine(what, 'the user cannot change the schema');
  const advice =
    'Revoke what goes beyond SELECT, INSERT, UPDATE and DELETE; DatabaseSecretId must not be the administrator.';
  return wrong(what, 'the user may change the schema', advice);
}

/** Of `GRANT a, b ON what TO whom WITH GRANT OPTION`, without the names in between. */
const privilegesOf = (grant: string) => `${grant.split(' ON ')[0]} ${grant.match(/ WITH GRANT OPTION$/)?.[0] ?? ''}`;
