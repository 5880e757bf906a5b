// What other clients than the product's driver see of the secondary's front.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { labels, thisStarter } from '../../local/database/containers/starter.ts';
import { type GlobalDatabase, removeLeftovers, startGlobalDatabase } from '../../local/database/global-database.ts';
import { findMysqlImage } from '../../local/database/image.ts';
import { findPython } from '../support/python.ts';

const run = promisify(execFile);
const [east, west] = ['us-east-1', 'us-west-2'];
const label = 'front-clients-test';
let database: GlobalDatabase;

// A container that shares the machine's network reaches 127.0.0.1 on Linux only.
const withCommandLine = process.platform === 'linux' ? it : it.skip;
const python = findPython(['pymysql']);
const withPython = python === undefined ? it.skip : it;

beforeAll(async () => {
  await removeLeftovers(label);
  database = await startGlobalDatabase({ regions: { primary: east, secondary: west }, rttMs: 0, lagMs: 0, label });
  const { admin } = database.users;
  const primary = await createConnection({
    ...database.regions[east]?.writerEndpoint,
    ...admin,
    database: database.database,
  });
  await primary.query('CREATE TABLE t (k INT PRIMARY KEY, v TEXT)');
  await primary.end();
  database.setLagMs(50);
});
afterAll(async () => {
  await database?.stop();
});

describe('the mysql command line on a secondary', () => {
  let container: StartedTestContainer | undefined;
  const authority = '/tmp/authority.pem';

  async function mysql(sql: string, ...options: string[]): Promise<{ exitCode: number; output: string }> {
    const port = (database.regions[west]?.readerEndpoint as { port: number } | undefined)?.port;
    const { user, password } = database.users.application;
    const address = [
      '--host=127.0.0.1',
      `--port=${port}`,
      `--user=${user}`,
      `--ssl-ca=${authority}`,
      '--ssl-mode=VERIFY_IDENTITY',
    ];
    const command = ['mysql', ...address, '--skip-column-names', '--batch', ...options, database.database, '-e', sql];
    return (container as StartedTestContainer).exec(command, { env: { MYSQL_PWD: password } });
  }

  beforeAll(async () => {
    if (process.platform !== 'linux') return;
    container = await new GenericContainer(await findMysqlImage())
      .withEntrypoint(['sleep', 'infinity'])
      .withNetworkMode('host')
      .withLabels({ [labels.project]: label, [labels.starter]: thisStarter() })
      .withCopyContentToContainer([{ content: database.certificateAuthorityPem, target: authority }])
      .withAutoCleanup(false)
      .start();
  });
  afterAll(async () => {
    await container?.stop({ timeout: 0 });
  });

  withCommandLine('sees a read-only server, over verified TLS', async () => {
    const { output } = await mysql("SELECT @@innodb_read_only; SHOW STATUS LIKE 'Ssl_cipher'; SELECT CURRENT_USER()");
    expect(output).toMatch(/^1\n/);
    expect(output).toContain('application@%');
    const failed = await mysql('INSERT INTO t VALUES (1, 1)');
    expect(failed.exitCode).toBe(1);
    expect(failed.output).toContain('ERROR 1290 (HY000)');
  });

  withCommandLine('writes and reads its writes once the variable is set, and loses it with the session', async () => {
    const { output, exitCode } = await mysql(
      `SET aurora_replica_read_consistency = 'session';
       SELECT @@aurora_replica_read_consistency; SHOW VARIABLES LIKE 'aurora_replica_read_consistency';
       INSERT INTO t VALUES (2, 'é😀'); SELECT v FROM t WHERE k = 2;
       BEGIN; UPDATE t SET v = 'changed' WHERE k = 2; SELECT v FROM t WHERE k = 2; ROLLBACK; SELECT v FROM t WHERE k = 2;`,
      '--default-character-set=utf8mb4',
    );
    expect(output).toBe('SESSION\naurora_replica_read_consistency\tSESSION\né😀\nchanged\né😀\n');
    expect(exitCode).toBe(0);
    expect((await mysql('SELECT @@aurora_replica_read_consistency')).output).toBe('\n');
  });

  withCommandLine('is refused what write forwarding does not do', async () => {
    const { output } = await mysql("SET aurora_replica_read_consistency = 'session'; CREATE TABLE u (a INT)");
    expect(output).toContain(
      "ERROR 1235 (42000) at line 1: This version of MySQL doesn't yet support 'operation with write forwarding'",
    );
    const invalid = await mysql("SET aurora_replica_read_consistency = 'strong'");
    expect(invalid.output).toContain('ERROR 1231 (42000)');
  });

  withCommandLine('is let in without TLS too, and not with a wrong password', async () => {
    expect((await mysql('SELECT 1', '--ssl-mode=DISABLED')).output).toMatch(/^1$/m);
    const denied = await mysql('SELECT 1', '--user=admin');
    expect(denied.output).toContain('ERROR 1045 (28000)');
  });
});

const script = `
import json, pymysql, sys
given = json.loads(sys.stdin.read())
result = {}
def connect(**more):
    return pymysql.connect(host=given['host'], port=given['port'], user=given['user'], password=given['password'],
                           database=given['database'], autocommit=True, **more)
def ask(cursor, sql, *values):
    cursor.execute(sql, values)
    return cursor.fetchall()
def error(cursor, sql):
    try:
        cursor.execute(sql)
    except pymysql.MySQLError as e:
        return e.args[0]
for name, more in (('plain', {}), ('tls', {'ssl_ca': given['ca'], 'ssl_verify_cert': True, 'ssl_verify_identity': True})):
    seen = result[name] = {}
    connection = connect(**more)
    cursor = connection.cursor()
    seen['readOnly'] = ask(cursor, 'SELECT @@innodb_read_only')[0][0]
    seen['unset'] = error(cursor, 'INSERT INTO t VALUES (10, 1)')
    seen['message'] = cursor.execute("SET aurora_replica_read_consistency = 'session'")
    seen['consistency'] = ask(cursor, 'SELECT @@aurora_replica_read_consistency')[0][0]
    key = given['key'][name]
    seen['inserted'] = cursor.execute('INSERT INTO t VALUES (%s, %s)', (key, 'é😀'))
    seen['read'] = ask(cursor, 'SELECT v FROM t WHERE k = %s', key)[0][0]
    seen['refused'] = error(cursor, 'CREATE TABLE u (a INT)')
    connection.begin()
    cursor.execute('DELETE FROM t WHERE k = %s', (key,))
    seen['inside'] = len(ask(cursor, 'SELECT v FROM t WHERE k = %s', key))
    connection.rollback()
    seen['after'] = len(ask(cursor, 'SELECT v FROM t WHERE k = %s', key))
    connection.close()
print(json.dumps(result))
`;

describe('a Python driver on a secondary', () => {
  withPython('sees the same, with TLS and without', async () => {
    const given = {
      ...database.regions[west]?.readerEndpoint,
      ...database.users.application,
      database: database.database,
      ca: database.certificateAuthorityFile,
      key: { plain: 11, tls: 12 },
    };
    const running = run(python as string, ['-c', script], { timeout: 30_000 });
    running.child.stdin?.end(JSON.stringify(given));
    const seen = {
      readOnly: 1,
      unset: 1290,
      message: 0,
      consistency: 'SESSION',
      inserted: 1,
      read: 'é😀',
      refused: 1235,
      inside: 0,
      after: 1,
    };
    expect(JSON.parse((await running).stdout)).toEqual({ plain: seen, tls: seen });
  });
});
