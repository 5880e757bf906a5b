import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applyMigrations } from '../../functions/migrate/apply-migrations.ts';
import { ConfigurationError } from '../../functions/shared/errors.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { migrate, shippedMigrations } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';

let mysql: MysqlServer;
beforeAll(async () => {
  mysql = await startMysql();
});
afterAll(() => mysql?.stop());

const names = shippedMigrations().map(({ name }) => name);
const apply = (migrations: { name: string; sql: string }[], openSession = mysql.openSession) =>
  applyMigrations(migrations, { openSession, remainingMs: () => 60_000 });

describe('migrate', () => {
  it('applies each migration once, and does nothing in a second run', async () => {
    expect(await migrate(mysql.openSession)).toEqual({ applied: names, alreadyApplied: [] });
    const before = await mysql.query<object>('SELECT * FROM schema_migrations');
    expect(await migrate(mysql.openSession)).toEqual({ applied: [], alreadyApplied: names });
    expect(await mysql.query('SELECT * FROM schema_migrations')).toEqual(before);
    expect(await mysql.query("SHOW TABLES LIKE 'book_reviews'")).toHaveLength(1);
  });

  it('goes on where an earlier run died between a change and its record', async () => {
    await mysql.query('DELETE FROM schema_migrations');
    expect((await migrate(mysql.openSession)).applied).toEqual(names);
  });

  it('refuses a migration that was changed after it was applied, before it applies anything', async () => {
    const added = { name: '0000_added.sql', sql: 'CREATE TABLE added (id INT)' };
    const changed = shippedMigrations().map((migration) => ({ ...migration, sql: `${migration.sql} ` }));
    await expect(apply([...changed, added])).rejects.toThrow(ConfigurationError);
    expect(await mysql.query("SHOW TABLES LIKE 'added'")).toEqual([]);
  });

  it('run twice at once applies each migration once', async () => {
    const slow = [{ name: '0002_slow.sql', sql: 'CREATE TABLE slow AS SELECT SLEEP(0.3) AS slept' }];
    const runs = await Promise.all([apply(slow), apply(slow)]);
    expect(runs.map(({ applied }) => applied.length).sort()).toEqual([0, 1]);
  });

  it('refuses a secondary, and says why and what to do', async () => {
    const onReader = async (): Promise<Session> => ({ ...(await mysql.openSession()), role: 'secondary' });
    await expect(apply([], onReader)).rejects.toThrow(/secondary.*Run migrate in the primary/);
  });

  it('ships every file of database/migrations', () => {
    const shipped = readFileSync(new URL('../../functions/shared/migrations.ts', import.meta.url), 'utf8');
    for (const name of names) {
      expect(shipped).toContain(`'../../database/migrations/${name}'`);
      expect(shipped).toContain(`name: '${name}'`);
    }
  });
});
