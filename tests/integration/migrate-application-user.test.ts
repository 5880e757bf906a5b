import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { provideApplicationUser } from '../../functions/migrate/application-user.ts';
import { ConfigurationError } from '../../functions/shared/errors.ts';
import { createSessionOpener } from '../../functions/shared/mysql.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { database, fixedCredentials, type MysqlServer, startMysql } from '../../local/database/single-server.ts';

// As RDS makes its administrator: everything that a tenant may do, and no SUPER.
const admin = { username: 'admin', password: 'admin-password' };
const application = { username: "o'hara\\app", password: `a'b"c\\d\`%_` };

let mysql: MysqlServer;
beforeAll(async () => {
  mysql = await startMysql();
  await mysql.query(`CREATE USER 'admin'@'%' IDENTIFIED BY '${admin.password}'`);
  await mysql.query("GRANT CREATE USER ON *.* TO 'admin'@'%'");
  await mysql.query(`GRANT ALL ON ${database}.* TO 'admin'@'%' WITH GRANT OPTION`);
  await migrate(openAs(admin));
});
afterAll(() => mysql?.stop());
beforeEach(() => mysql.query(`GRANT CREATE USER ON *.* TO 'admin'@'%'`));
afterEach(() => mysql.query(`DROP USER IF EXISTS ${quoted}@'%'`));

const quoted = "'o\\'hara\\\\app'";
const openAs = (credentials: typeof admin) =>
  createSessionOpener(
    { database, writerEndpoint: mysql.endpoint, readerEndpoint: mysql.endpoint, caPem: mysql.caPem },
    fixedCredentials(credentials),
  );
const provide = (credentials = application) =>
  provideApplicationUser(credentials, { openAsAdmin: openAs(admin), openAsApplication: openAs(credentials) });

describe('the application user', () => {
  it('is created with the password of its secret, with any characters, and without DDL', async () => {
    expect(await provide()).toBe('set');
    const grants = await mysql.query<Record<string, string>>(`SHOW GRANTS FOR ${quoted}@'%'`);
    expect(grants.map((grant) => Object.values(grant)[0]?.replace(/ TO .*/, ''))).toEqual([
      'GRANT USAGE ON *.*',
      'GRANT SELECT, INSERT, UPDATE, DELETE ON `book_reviews`.*',
    ]);
  });

  it('is left alone where it is as it should be, also by an administrator who may not create users', async () => {
    await provide();
    await mysql.query("REVOKE CREATE USER ON *.* FROM 'admin'@'%'");
    expect(await provide()).toBe('unchanged');
  });

  it('gets the password that its secret was changed to', async () => {
    await provide();
    const changed = { ...application, password: 'another' };
    expect(await provide(changed)).toBe('set');
    await expect(openAs(application)()).rejects.toThrow(ConfigurationError);
    await (await openAs(changed)()).close();
  });

  it.each(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'SELECT, INSERT, UPDATE, DELETE'])(
    'gets back its right to %s',
    async (privileges) => {
      await provide();
      await mysql.query(`REVOKE ${privileges} ON ${database}.* FROM ${quoted}@'%'`);
      expect(await provide()).toBe('set');
      expect(await provide()).toBe('unchanged');
    },
  );

  it('cannot be created by an administrator who may not: the error says so and quotes no password', async () => {
    await mysql.query("REVOKE CREATE USER ON *.* FROM 'admin'@'%'");
    const error: Error = await provide().then(
      () => new Error('no error'),
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toBe('the database user lacks a privilege (1227 ER_SPECIFIC_ACCESS_DENIED_ERROR 42000)');
    expect(JSON.stringify([error, error.cause])).not.toContain("a'b");
  });
});
