// Brings the schema of the primary to the state that this version of the code needs.
import { ConfigurationError, TransientDatabaseError } from '../shared/errors.ts';
import { checksumOf, type Migration } from '../shared/migration.ts';
import type { Session } from '../shared/mysql.ts';
import { serverError } from '../shared/mysql-errors.ts';

export interface MigrationResult {
  applied: string[];
  alreadyApplied: string[];
}

/** Another run may hold the lock during its DDL. */
const lockSeconds = 60;
const statementMs = 10_000;

const createRecords = `CREATE TABLE IF NOT EXISTS schema_migrations (
  name       VARCHAR(255) NOT NULL PRIMARY KEY,
  checksum   CHAR(64)     NOT NULL COMMENT 'SHA-256 of the file',
  applied_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin`;

/**
 * Applies the migrations that are still missing. A second run does nothing.
 * @throws {ConfigurationError} on a secondary, and where a migration was changed after it was applied
 * @throws {TransientDatabaseError} if another run is under way, or the database is away
 */
export async function applyMigrations(
  migrations: readonly Migration[],
  { openSession, remainingMs }: { openSession: () => Promise<Session>; remainingMs: () => number },
): Promise<MigrationResult> {
  const session = await openSession();
  try {
    if (session.role === 'secondary') {
      throw new ConfigurationError(
        'this Region is secondary: its database takes no DDL, and write forwarding forwards none. ' +
          'Run migrate in the primary Region; the schema reaches this one by replication.',
      );
    }
    // The lock belongs to the whole server, so its name contains the schema's. If this run dies, the lock ends with the session.
    const [lock] = await session.run<{ held: number | null }[]>(
      `SELECT GET_LOCK(CONCAT('migrate ', LEFT(DATABASE(), 50)), ${lockSeconds}) AS held`,
      lockSeconds * 1000 + statementMs,
    );
    if (lock?.held !== 1) throw new TransientDatabaseError(`another migrate has been running for ${lockSeconds} s`);
    return await applyInOrder(session, migrations, remainingMs);
  } finally {
    await session.close();
  }
}

/** The column or the index exists. An earlier run died before its record, or a person made it. */
const isThere = new Set<number>([serverError.columnExists, serverError.indexExists]);

/** Makes DDL without IF NOT EXISTS safe to repeat. */
function unlessThere(error: Error): void {
  if (!isThere.has((error.cause as { errno?: number } | undefined)?.errno ?? 0)) throw error;
}

async function applyInOrder(
  session: Session,
  migrations: readonly Migration[],
  remainingMs: () => number,
): Promise<MigrationResult> {
  await session.run(createRecords, statementMs);
  const records = await session.run<{ name: string; checksum: string }[]>(
    'SELECT name, checksum FROM schema_migrations',
    statementMs,
  );
  const recorded = new Map(records.map(({ name, checksum }) => [name, checksum]));
  const inOrder = migrations
    .map((migration) => ({ ...migration, checksum: checksumOf(migration.sql) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, checksum } of inOrder) {
    if (!/^[\w.-]+$/.test(name)) throw new ConfigurationError(`a migration cannot be named ${JSON.stringify(name)}`);
    if (recorded.has(name) && recorded.get(name) !== checksum) {
      throw new ConfigurationError(
        `${name} was changed after it was applied: restore it, and put the change into a new migration`,
      );
    }
  }
  const result: MigrationResult = { applied: [], alreadyApplied: [] };
  for (const { name, sql, checksum } of inOrder) {
    if (recorded.has(name)) {
      result.alreadyApplied.push(name);
      continue;
    }
    await session.run(sql, remainingMs()).catch(unlessThere);
    await session.run(`INSERT INTO schema_migrations (name, checksum) VALUES ('${name}', '${checksum}')`, statementMs);
    result.applied.push(name);
  }
  return result;
}
