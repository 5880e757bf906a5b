// What a client sees of the secondary's front. All tests share one pair of servers, because its start takes seconds.
import { createConnection as createTcpConnection } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { type GlobalDatabase, removeLeftovers, startGlobalDatabase } from '../../local/database/global-database.ts';

const [east, west] = ['us-east-1', 'us-west-2'];
const label = 'front-test';
let database: GlobalDatabase;
const open: Connection[] = [];

type Options = Parameters<typeof createConnection>[0] & object;

async function connect(address: { host: string; port: number }, options: Options = {}): Promise<Connection> {
  const connection = await createConnection({
    ...address,
    ...database.users.application,
    database: database.database,
    ...options,
  });
  // A test that breaks a connection sees the error at its statement.
  connection.on('error', () => {});
  open.push(connection);
  return connection;
}
const reader = (region: string) => (database.regions[region] as GlobalDatabase['regions'][string]).readerEndpoint;
const writer = (region: string) => (database.regions[region] as GlobalDatabase['regions'][string]).writerEndpoint;
const secondary = (options?: Options) => connect(reader(west), options);
const primary = (options?: Options) => connect(writer(east), options);
const root = (address: { host: string; port: number }) =>
  connect(address, { user: 'root', password: database.direct.rootPassword });
async function session(consistency = 'session', options?: Options): Promise<Connection> {
  const connection = await secondary(options);
  await connection.query(`SET aurora_replica_read_consistency = '${consistency}'`);
  return connection;
}
async function one(connection: Connection, sql: string): Promise<unknown> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return Object.values(rows[0] ?? {})[0];
}
const affected = async (connection: Connection, sql: string) =>
  (await connection.query<ResultSetHeader>(sql))[0].affectedRows;
async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
/** Key of a new row for each use. */
let lastKey = 0;
const newKey = () => ++lastKey;

beforeAll(async () => {
  await removeLeftovers(label);
  database = await startGlobalDatabase({ regions: { primary: east, secondary: west }, rttMs: 0, lagMs: 0, label });
  const admin = await primary({ ...database.users.admin });
  await admin.query('CREATE TABLE t (k INT PRIMARY KEY, v LONGTEXT, n INT DEFAULT 0)');
  const replica = await root(database.direct.replica);
  for (let tries = 0; (await one(replica, "SHOW TABLES LIKE 't'")) === undefined && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
afterEach(async () => {
  for (const connection of open.splice(0)) connection.destroy();
  await database.setRttMs(0);
  await database.setLagMs(0);
  await database.setLimits({ readWaitMs: 30_000, idleTransactionMs: 60_000, maxForwardedSessions: 1000 });
});
afterAll(async () => {
  await database?.stop();
});

describe('a Region that is secondary', () => {
  it('says that it is read-only in every way of asking, and the primary that it is not', async () => {
    const reads = await secondary();
    expect(await one(reads, 'SELECT @@innodb_read_only')).toBe(1);
    expect((await reads.query('SELECT @@global.innodb_read_only AS readOnly'))[0]).toEqual([{ readOnly: 1 }]);
    expect((await reads.execute('SELECT @@innodb_read_only'))[0]).toEqual([{ '@@innodb_read_only': 1 }]);
    expect((await reads.query("SHOW VARIABLES LIKE 'innodb_read_only'"))[0]).toEqual([
      { Variable_name: 'innodb_read_only', Value: 'ON' },
    ]);
    for (const address of [writer(east), reader(east)]) {
      expect(await one(await connect(address), 'SELECT @@innodb_read_only')).toBe(0);
    }
  });

  it('refuses connections to its writer endpoint', async () => {
    await expect(connect(writer(west))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('refuses wrong passwords, unknown users and unknown databases as a server does', async () => {
    await expect(secondary({ password: 'wrong' })).rejects.toMatchObject({ errno: 1045, sqlState: '28000' });
    await expect(secondary({ password: '' })).rejects.toMatchObject({ errno: 1045 });
    await expect(secondary({ user: 'nobody' })).rejects.toMatchObject({ errno: 1045 });
    await expect(secondary({ database: 'nowhere' })).rejects.toMatchObject({ errno: expect.any(Number) });
  });

  it('shows a certificate that verifies for its address, by the local authority only', async () => {
    const ssl = { ca: database.certificateAuthorityPem, verifyIdentity: true, minVersion: 'TLSv1.2' };
    const secured = await session('session', { ssl });
    expect(await affected(secured, `INSERT INTO t (k) VALUES (${newKey()})`)).toBe(1);
    expect(await one(await secondary({ ssl, host: 'localhost' }), 'SELECT @@innodb_read_only')).toBe(1);
    expect(database.certificateAuthorityPem.length).toBeLessThan(1500);
    await expect(secondary({ ssl: { verifyIdentity: true } })).rejects.toThrow(/certificate/);
  });
});

describe('a front', () => {
  it('outlives clients that speak another protocol, leave in the middle, or send nothing of sense', async () => {
    const { host, port } = reader(west);
    const odd = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0, 0, 0, 1]),
      Buffer.from([32, 0, 0, 1, 0, 8, 0, 0]), // the beginning of a request for TLS
      Buffer.concat([Buffer.from([32, 0, 0, 1, 0, 0x8a, 0, 0]), Buffer.alloc(28), Buffer.from('no TLS')]),
      Buffer.alloc(100_000, 0xff),
    ];
    for (const bytes of odd) {
      const socket = createTcpConnection(port, host);
      await new Promise((resolve) => socket.once('data', resolve));
      socket.on('error', () => {}).write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.resetAndDestroy();
    }
    expect(await one(await session(), 'SELECT 1')).toBe(1);
  });
});

describe('aurora_replica_read_consistency', () => {
  it('is empty at first, can be set in every notation, and be read back', async () => {
    const reads = await secondary();
    const value = () => one(reads, 'SELECT @@aurora_replica_read_consistency');
    expect(await value()).toBe('');
    for (const [set, shown] of [
      ["SET aurora_replica_read_consistency = 'session'", 'SESSION'],
      ['SET SESSION aurora_replica_read_consistency = eventual', 'EVENTUAL'],
      ['SET @@session.aurora_replica_read_consistency = "GLOBAL"', 'GLOBAL'],
      ["SET autocommit = 1, aurora_replica_read_consistency = 'Session'", 'SESSION'],
      ['SET aurora_replica_read_consistency = DEFAULT', ''],
    ] as const) {
      await reads.query(set);
      expect(await value()).toBe(shown);
      expect((await reads.query("SHOW SESSION VARIABLES LIKE 'aurora\\_replica%'"))[0]).toEqual([
        { Variable_name: 'aurora_replica_read_consistency', Value: shown },
      ]);
    }
    await reads.execute("SET aurora_replica_read_consistency = 'eventual'");
    expect((await reads.execute('SELECT @@aurora_replica_read_consistency AS c'))[0]).toEqual([{ c: 'EVENTUAL' }]);
    await expect(reads.query("SET aurora_replica_read_consistency = 'strong'")).rejects.toMatchObject({ errno: 1231 });
    expect(await value()).toBe('EVENTUAL');
  });

  it('is not known on the primary', async () => {
    const writes = await primary();
    await expect(writes.query("SET aurora_replica_read_consistency = 'session'")).rejects.toMatchObject({
      errno: 1193,
    });
  });

  it('cannot be changed from or to empty inside of a transaction', async () => {
    const writes = await session();
    await writes.query('BEGIN');
    await expect(writes.query("SET aurora_replica_read_consistency = ''")).rejects.toMatchObject({ errno: 1568 });
    await writes.query("SET aurora_replica_read_consistency = 'eventual'");
    await writes.query(`INSERT INTO t (k) VALUES (${newKey()})`);
    await expect(writes.query("SET aurora_replica_read_consistency = ''")).rejects.toMatchObject({ errno: 1568 });
    await writes.query('ROLLBACK');
    await writes.query("SET aurora_replica_read_consistency = ''");
    await writes.query('BEGIN');
    await expect(writes.query("SET aurora_replica_read_consistency = 'session'")).rejects.toMatchObject({
      errno: 1568,
    });
  });

  it('is lost when the connection is reset and when its user changes', async () => {
    const writes = await session();
    await writes.query(`INSERT INTO t (k) VALUES (${newKey()})`);
    await writes.reset();
    expect(await one(writes, 'SELECT @@aurora_replica_read_consistency')).toBe('');
    await expect(writes.query(`INSERT INTO t (k) VALUES (${newKey()})`)).rejects.toMatchObject({ errno: 1290 });
    await writes.query("SET aurora_replica_read_consistency = 'session'");
    expect(await affected(writes, `INSERT INTO t (k) VALUES (${newKey()})`)).toBe(1);

    await writes.changeUser({ ...database.users.admin, database: database.database });
    expect(await one(writes, 'SELECT CURRENT_USER()')).toBe('admin@%');
    expect(await one(writes, 'SELECT @@aurora_replica_read_consistency')).toBe('');
    await expect(writes.query(`INSERT INTO t (k) VALUES (${newKey()})`)).rejects.toMatchObject({ errno: 1290 });
  });
});

describe('writes on a secondary', () => {
  it('fail as on any read-only server while the variable is empty', async () => {
    const writes = await secondary();
    const key = newKey();
    await expect(writes.query(`INSERT INTO t (k) VALUES (${key})`)).rejects.toMatchObject({ errno: 1290 });
    await expect(writes.execute('INSERT INTO t (k) VALUES (?)', [key])).rejects.toMatchObject({ errno: 1290 });
  });

  it('reach the primary once it is set, in every form, and are read back in the session', async () => {
    const [writes, there] = [await session(), await primary()];
    const [a, b, c] = [newKey(), newKey(), newKey()];
    expect(await affected(writes, `INSERT INTO t (k, v) VALUES (${a}, 'é😀'), (${b}, 'x')`)).toBe(2);
    expect(await one(there, `SELECT v FROM t WHERE k = ${a}`)).toBe('é😀');
    expect(await one(writes, `SELECT v FROM t WHERE k = ${a}`)).toBe('é😀');
    expect(await affected(writes, `UPDATE t SET v = 'y' WHERE k = ${a}`)).toBe(1);
    expect(await affected(writes, `/* why */ REPLACE INTO t (k, v) VALUES (${b}, 'z')`)).toBe(2);
    expect(await affected(writes, `WITH x AS (SELECT ${b} AS k) DELETE t FROM t JOIN x ON t.k = x.k`)).toBe(1);
    expect(await affected(writes, `INSERT INTO t (k, v) SELECT ${c}, v FROM t WHERE k = ${a}`)).toBe(1);
    expect((await writes.query(`SELECT k, v FROM t WHERE k IN (${a}, ${b}, ${c})`))[0]).toEqual([
      { k: a, v: 'y' },
      { k: c, v: 'y' },
    ]);
  });

  it('tell an inserted row from one that was there, for a client without FOUND_ROWS', async () => {
    const writes = await session('session', { flags: ['-FOUND_ROWS'] });
    const upsert = `INSERT INTO t (k) VALUES (${newKey()}) ON DUPLICATE KEY UPDATE k = k`;
    expect(await affected(writes, upsert)).toBe(1);
    expect(await affected(writes, upsert)).toBe(0);
  });

  it('pass with 20 MB in a statement and in a row', async () => {
    const writes = await session();
    const [key, value] = [newKey(), 'x'.repeat(20 * 1024 * 1024)];
    await writes.query(`INSERT INTO t (k, v) VALUES (${key}, '${value}')`);
    expect(await one(writes, `SELECT v FROM t WHERE k = ${key}`)).toBe(value);
    await writes.query(`UPDATE t SET v = NULL WHERE k = ${key}`);
  });

  it('show their own warnings and LAST_INSERT_ID', async () => {
    const writes = await session();
    await writes.query(`INSERT IGNORE INTO t (k, n) VALUES (${newKey()}, LAST_INSERT_ID(4711)), (1, 1), (1, 1)`);
    expect(await one(writes, 'SELECT LAST_INSERT_ID()')).toBe(4711);
    await writes.query('INSERT IGNORE INTO t (k) VALUES (1), (1)');
    expect((await writes.query('SHOW WARNINGS'))[0]).toMatchObject([{ Code: 1062 }, { Code: 1062 }]);
  });

  it.each([
    'CREATE TABLE u (a INT)',
    'DROP TABLE t',
    'SAVEPOINT a',
    'ROLLBACK TO SAVEPOINT a',
    "XA START 'a'",
    "LOAD DATA INFILE 'f' INTO TABLE t",
    'LOCK TABLES t WRITE',
    'FLUSH TABLES',
    'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
    "SET SESSION transaction_isolation = 'SERIALIZABLE'",
    "PREPARE s FROM 'DROP TABLE t'",
  ])('are refused with the error of write forwarding: %s', async (sql) => {
    const writes = await session();
    const refusal = {
      errno: 1235,
      sqlState: '42000',
      sqlMessage: "This version of MySQL doesn't yet support 'operation with write forwarding'",
    };
    await expect(writes.query(sql)).rejects.toMatchObject(refusal);
    expect(await one(writes, 'SELECT 1')).toBe(1);
  });

  it('work as prepared statements of the protocol, prepared before forwarding was switched on or after', async () => {
    const writes = await secondary();
    const [a, b] = [newKey(), newKey()];
    const before = await writes.prepare('INSERT INTO t (k, v) VALUES (?, ?)');
    await writes.query("SET aurora_replica_read_consistency = 'session'");
    await before.execute([a, 'before']);
    const after = await writes.prepare('INSERT INTO t (k, v) VALUES (?, ?)');
    await after.execute([b, 'after']);
    const read = await writes.prepare('SELECT v FROM t WHERE k = ?');
    expect((await read.execute([a]))[0]).toEqual([{ v: 'before' }]);
    expect((await read.execute([b]))[0]).toEqual([{ v: 'after' }]);
    await writes.beginTransaction();
    await writes.execute('UPDATE t SET v = ? WHERE k = ?', ['changed', b]);
    expect((await read.execute([b]))[0]).toEqual([{ v: 'changed' }]);
    await writes.rollback();
    expect((await read.execute([b]))[0]).toEqual([{ v: 'after' }]);
    for (const statement of [before, after, read]) await statement.close();
    await expect(writes.execute('DROP TABLE t')).rejects.toMatchObject({ errno: 1235 });
  });

  it('work as prepared statements of SQL', async () => {
    const writes = await session();
    const key = newKey();
    await writes.query("PREPARE ins FROM 'INSERT INTO t (k, v) VALUES (?, ?)'");
    await writes.query(`SET @k = ${key}, @v = 'from a variable'`);
    await writes.query('EXECUTE ins USING @k, @v');
    await writes.query("SET @q = 'SELECT v FROM t WHERE k = ?'");
    await writes.query('PREPARE sel FROM @q');
    expect((await writes.query('EXECUTE sel USING @k'))[0]).toEqual([{ v: 'from a variable' }]);
  });
});

describe('transactions on a secondary', () => {
  it('see their own writes, and others see them after the commit', async () => {
    const [writes, there] = [await session(), await primary()];
    const key = newKey();
    await writes.beginTransaction();
    await writes.query(`INSERT INTO t (k, v) VALUES (${key}, 'mine')`);
    expect(await one(writes, `SELECT v FROM t WHERE k = ${key}`)).toBe('mine');
    expect(await one(there, `SELECT v FROM t WHERE k = ${key}`)).toBeUndefined();
    await writes.commit();
    expect(await one(writes, `SELECT v FROM t WHERE k = ${key}`)).toBe('mine');
    expect(await one(there, `SELECT v FROM t WHERE k = ${key}`)).toBe('mine');
    await writes.beginTransaction();
    await writes.query(`DELETE FROM t WHERE k = ${key}`);
    await writes.rollback();
    expect(await one(writes, `SELECT v FROM t WHERE k = ${key}`)).toBe('mine');
  });

  it('work without autocommit', async () => {
    const [writes, there] = [await session(), await primary()];
    const [a, b] = [newKey(), newKey()];
    await writes.query('SET autocommit = 0');
    await writes.query(`INSERT INTO t (k) VALUES (${a})`);
    expect(await one(there, `SELECT k FROM t WHERE k = ${a}`)).toBeUndefined();
    await writes.query('COMMIT');
    expect(await one(there, `SELECT k FROM t WHERE k = ${a}`)).toBe(a);
    expect(await one(writes, `SELECT k FROM t WHERE k = ${a}`)).toBe(a);
    await writes.query(`INSERT INTO t (k) VALUES (${b})`);
    await writes.query('SET autocommit = 1');
    expect(await one(there, `SELECT k FROM t WHERE k = ${b}`)).toBe(b);
  });

  it('lock rows of the primary', async () => {
    const [writes, there] = [await session(), await primary()];
    const key = newKey();
    await writes.query(`INSERT INTO t (k) VALUES (${key})`);
    await writes.beginTransaction();
    await writes.query(`SELECT * FROM t WHERE k = ${key} FOR UPDATE`);
    await there.query('SET innodb_lock_wait_timeout = 1');
    await expect(there.query(`DELETE FROM t WHERE k = ${key}`)).rejects.toMatchObject({ errno: 1205 });
    await writes.rollback();
    expect(await affected(there, `DELETE FROM t WHERE k = ${key}`)).toBe(1);
  });

  it('are over after a deadlock, and the session goes on', async () => {
    const [first, second] = [await session(), await session()];
    const [a, b] = [newKey(), newKey()];
    await first.query(`INSERT INTO t (k) VALUES (${a}), (${b})`);
    await first.beginTransaction();
    await second.beginTransaction();
    await first.query(`UPDATE t SET n = 1 WHERE k = ${a}`);
    await second.query(`UPDATE t SET n = 2 WHERE k = ${b}`);
    const ends = await Promise.allSettled([
      first.query(`UPDATE t SET n = 1 WHERE k = ${b}`),
      second.query(`UPDATE t SET n = 2 WHERE k = ${a}`),
    ]);
    const victims = [first, second].filter((_, index) => ends[index]?.status === 'rejected');
    expect(victims).toHaveLength(1);
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { errno: 1213 } });
    expect(await affected(victims[0] as Connection, `INSERT INTO t (k) VALUES (${newKey()})`)).toBe(1);
    for (const connection of [first, second]) await connection.commit();
  });

  it('are cancelled when they idle for too long, and the next statement says so', async () => {
    await database.setLimits({ idleTransactionMs: 50 });
    const [writes, there] = [await session(), await primary()];
    const key = newKey();
    await writes.beginTransaction();
    await writes.query(`INSERT INTO t (k) VALUES (${key})`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await expect(writes.query('COMMIT')).rejects.toMatchObject({ errno: 63976 });
    expect(await one(there, `SELECT k FROM t WHERE k = ${key}`)).toBeUndefined();
    expect(await affected(writes, `INSERT INTO t (k) VALUES (${key})`)).toBe(1);
  });

  it('beyond the number of forwarded sessions get 1040 at their first write, and can read', async () => {
    const before = await session();
    await before.query(`INSERT INTO t (k) VALUES (${newKey()})`);
    await database.setLimits({ maxForwardedSessions: 1 });
    const over = await session();
    await expect(over.query(`INSERT INTO t (k) VALUES (${newKey()})`)).rejects.toMatchObject({ errno: 1040 });
    expect(await one(over, 'SELECT 1')).toBe(1);
    await before.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await affected(over, `INSERT INTO t (k) VALUES (${newKey()})`)).toBe(1);
  });

  it('lose the connection in mid-statement when the primary ends its side', async () => {
    const [writes, killer] = [await session(), await root(database.direct.primary)];
    await writes.query(`INSERT INTO t (k) VALUES (${newKey()})`);
    const slow = writes.query(`INSERT INTO t (k, n) SELECT ${newKey()}, SLEEP(20)`);
    const lost = expect(slow).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    let id: unknown;
    while (id === undefined) {
      id = await one(killer, "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT%SLEEP(20)%'");
    }
    await killer.query(`KILL ${id}`);
    await lost;
  });
});

describe('the round trip', () => {
  /** Milliseconds of the quickest of three: a round trip is in each of them, what else the machine does is not. */
  const quickest = async (run: () => Promise<unknown>) =>
    Math.min(await timed(run), await timed(run), await timed(run));

  it('is paid once for each forwarded statement, and for nothing that stays in the Region', async () => {
    const writes = await session();
    const one = () => writes.query(`INSERT INTO t (k) VALUES (${newKey()})`);
    await one();
    await database.setRttMs(200);
    expect(await quickest(() => writes.query('SELECT 1 FROM t LIMIT 1'))).toBeLessThan(190);
    const insert = await quickest(one);
    expect(insert).toBeGreaterThanOrEqual(199);
    expect(insert).toBeLessThan(390);
    await writes.query('SELECT 1 FROM t LIMIT 1');
    const transaction = await quickest(async () => {
      await writes.beginTransaction();
      await one();
      await one();
      await writes.commit();
    });
    expect(transaction).toBeGreaterThanOrEqual(4 * 199);
    expect(transaction).toBeLessThan(5 * 199);
    const reading = await quickest(async () => {
      await writes.beginTransaction();
      await writes.query('SELECT 1 FROM t LIMIT 1');
      await writes.commit();
    });
    expect(reading).toBeLessThan(190);
  });
});

describe('reads on a secondary under replication lag', () => {
  const tries = 20;
  async function staleReads(consistency: string, lagMs: number): Promise<number> {
    const writes = await session(consistency);
    await database.setLagMs(lagMs);
    let stale = 0;
    for (let index = 0; index < tries; index++) {
      const key = newKey();
      await writes.query(`INSERT INTO t (k) VALUES (${key})`);
      if ((await one(writes, `SELECT k FROM t WHERE k = ${key}`)) === undefined) stale += 1;
    }
    return stale;
  }

  it('are stale in eventual consistency', async () => {
    // Not all: on a busy machine a read may be late by itself.
    expect(await staleReads('eventual', 150)).toBeGreaterThan(tries / 2);
  });

  it('are never stale in session consistency', async () => {
    expect(await staleReads('session', 60)).toBe(0);
  });

  it("do not wait for other sessions' writes in session consistency, and do in global", async () => {
    const [mine, there] = [await session(), await primary()];
    await database.setLagMs(300);
    const key = newKey();
    await there.query(`INSERT INTO t (k) VALUES (${key})`);
    expect(await one(mine, `SELECT k FROM t WHERE k = ${key}`)).toBeUndefined();
    await mine.query("SET aurora_replica_read_consistency = 'global'");
    expect(await one(mine, `SELECT k FROM t WHERE k = ${key}`)).toBe(key);
  });

  it('wait for a commit as for a single statement', async () => {
    const writes = await session();
    await database.setLagMs(60);
    const key = newKey();
    await writes.beginTransaction();
    await writes.query(`INSERT INTO t (k) VALUES (${key})`);
    await writes.commit();
    expect((await writes.execute('SELECT k FROM t WHERE k = ?', [key]))[0]).toEqual([{ k: key }]);
  });

  it('end with an error when the writes do not arrive in time, and work again when they do', async () => {
    await database.setLimits({ readWaitMs: 300 });
    const [writes, replica] = [await session(), await root(database.direct.replica)];
    await replica.query('STOP REPLICA SQL_THREAD');
    const key = newKey();
    await writes.query(`INSERT INTO t (k) VALUES (${key})`);
    const waited = await timed(() =>
      expect(writes.query(`SELECT k FROM t WHERE k = ${key}`)).rejects.toMatchObject({ errno: 3024 }),
    );
    expect(waited).toBeGreaterThanOrEqual(290);
    await replica.query('START REPLICA SQL_THREAD');
    await database.setLimits({ readWaitMs: 30_000 });
    expect(await one(writes, `SELECT k FROM t WHERE k = ${key}`)).toBe(key);
  });

  it('are reported with the lag that was asked for', async () => {
    const writes = await session('eventual');
    await database.setLagMs(150);
    // What was under way with the old lag is through.
    await new Promise((resolve) => setTimeout(resolve, 300));
    database.resetLag();
    // Sampling skips what it comes too late for, and a busy machine makes it late: as many writes as it takes.
    for (let index = 0; index < 500 && database.replicationLag().samples < 20; index++) {
      await writes.query(`INSERT INTO t (k) VALUES (${newKey()})`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    const lag = database.replicationLag();
    expect(lag.samples).toBeGreaterThanOrEqual(20);
    expect(lag.p50).toBeGreaterThanOrEqual(140);
    expect(lag.p50).toBeLessThan(300);
    expect(lag.p99).toBeLessThanOrEqual(lag.max);
  });
});
