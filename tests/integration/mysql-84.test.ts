// What docs/aurora-versions.md says of MySQL 8.4, asked of the MySQL that is here: 8.4, or a later one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { provideApplicationUser } from '../../functions/migrate/application-user.ts';
import { createSessionOpener } from '../../functions/shared/mysql.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { database, fixedCredentials, type MysqlServer, startMysql } from '../../local/database/single-server.ts';
import { projectDirectory } from '../support/template.ts';

const page = readFileSync(join(projectDirectory, 'docs/aurora-versions.md'), 'utf8');
const tableOf = (head: string) => page.split(`| ${head} |`)[1]?.split('\n\n')[0] ?? '';
const namesOf = (head: string) => [...tableOf(head).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
const removedStatements = namesOf('removed statement');
const removedVariables = namesOf('removed variable');

const product = ['functions', 'database/migrations'].flatMap((directory) =>
  readdirSync(join(projectDirectory, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|sql)$/.test(file))
    .map((file) => readFileSync(join(projectDirectory, directory, file), 'utf8')),
);

const root = { username: 'administrator', password: 'administrator-password' };
const application = { username: 'someone', password: 'some-password' };

let mysql: MysqlServer;
beforeAll(async () => {
  mysql = await startMysql();
  await mysql.query(`CREATE USER '${root.username}'@'%' IDENTIFIED BY '${root.password}'`);
  await mysql.query(`GRANT CREATE USER ON *.* TO '${root.username}'@'%'`);
  await mysql.query(`GRANT ALL ON ${database}.* TO '${root.username}'@'%' WITH GRANT OPTION`);
});
afterAll(() => mysql?.stop());

const openAs = (credentials: typeof root) =>
  createSessionOpener(
    { database, writerEndpoint: mysql.endpoint, readerEndpoint: mysql.endpoint, caPem: mysql.caPem },
    fixedCredentials(credentials),
  );

describe('a MySQL of 8.4 or later', () => {
  it('is the one that these tests ask', async () => {
    const [row] = await mysql.query<{ version: string }>('SELECT VERSION() AS version');
    const [major = 0, minor = 0] = (row?.version ?? '').split('.').map(Number);
    expect([major, major > 8 || minor >= 4]).toEqual([expect.any(Number), true]);
    expect([removedStatements.length, removedVariables.length]).toEqual([8, 7]);
  });

  it.each(removedStatements)('refuses %s, and the service has no such statement', async (statement) => {
    // No such syntax, or no such column.
    const errno = statement.startsWith('CREATE') ? 1063 : 1064;
    await expect(mysql.query(statement)).rejects.toMatchObject({ errno });
    const beginning = new RegExp(statement.split(' ').slice(0, 2).join('\\s+'), 'i');
    if (!statement.startsWith('CREATE')) expect(product.filter((text) => beginning.test(text))).toEqual([]);
    expect(product.filter((text) => /(DOUBLE|FLOAT)[^,\n]*AUTO_INCREMENT/i.test(text))).toEqual([]);
  });

  it.each(removedVariables)('has no variable %s, and the service does not name it', async (variable) => {
    await expect(mysql.query(`SELECT @@GLOBAL.${variable}`)).rejects.toMatchObject({ errno: 1193 });
    expect(product.filter((text) => text.includes(variable))).toEqual([]);
  });

  it('takes all migrations, by an administrator who logs in as the service does', async () => {
    await migrate(openAs(root));
    const tables = await mysql.query<{ name: string }>(
      `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${database}'`,
    );
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['book_reviews', 'sources']));
    const keys = await mysql.query(
      `SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = '${database}'`,
    );
    expect(keys).toEqual([]);
  });

  it("makes the application's user with caching_sha2_password, and lets it log in with all session settings", async () => {
    const open = { openAsAdmin: openAs(root), openAsApplication: openAs(application) };
    expect(await provideApplicationUser(application, open)).toBe('set');
    const [made] = await mysql.query<{ plugin: string }>(
      `SELECT plugin FROM mysql.user WHERE user = '${application.username}'`,
    );
    expect(made?.plugin).toBe('caching_sha2_password');
    const session = await openAs(application)();
    const [row] = await session.run<{ version: string }[]>("SHOW SESSION STATUS LIKE 'Ssl_version'", 5_000);
    await session.close();
    expect(Object.values(row ?? {})).toContainEqual(expect.stringMatching(/^TLSv1\.[23]$/));
  });
});
