import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type GlobalDatabase, removeLeftovers, startGlobalDatabase } from '../../local/database/global-database.ts';

const [east, west] = ['us-east-1', 'us-west-2'];
const label = 'front-switchover-test';
let database: GlobalDatabase;

type Address = { host: string; port: number };
const connectTo = async (address: Address, user = database.users.application): Promise<Connection> => {
  const connection = await createConnection({ ...address, ...user, database: database.database });
  connection.on('error', () => {});
  return connection;
};

/** As the product does: the writer endpoint first, the role looked up, the consistency set on a reader. */
async function enter(region: string): Promise<Connection> {
  const { writerEndpoint, readerEndpoint } = database.regions[region] as GlobalDatabase['regions'][string];
  const connection = await connectTo(writerEndpoint).catch(() => connectTo(readerEndpoint));
  const [rows] = await connection.query<RowDataPacket[]>('SELECT @@innodb_read_only AS readOnly');
  if (rows[0]?.readOnly === 1) await connection.query("SET aurora_replica_read_consistency = 'session'");
  return connection;
}

/** Inserts one row after the other until it is told to stop; an unknown outcome is repeated. @returns acknowledged rows and errors. */
async function write(region: string, until: () => boolean) {
  const seen = { acknowledged: 0, errors: new Set<unknown>() };
  let connection: Connection | undefined;
  while (!until()) {
    try {
      connection ??= await enter(region);
      await connection.query(
        `INSERT INTO t VALUES ('${region}', ${seen.acknowledged + 1}) ON DUPLICATE KEY UPDATE number = number`,
      );
      seen.acknowledged += 1;
    } catch (error) {
      seen.errors.add((error as { errno?: number }).errno ?? (error as { code?: string }).code);
      connection?.destroy();
      connection = undefined;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  connection?.destroy();
  return seen;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a switchover under load', () => {
  beforeAll(async () => {
    await removeLeftovers(label);
    database = await startGlobalDatabase({ regions: { primary: east, secondary: west }, rttMs: 4, lagMs: 5, label });
    const admin = await connectTo(
      (database.regions[east] as { writerEndpoint: Address }).writerEndpoint,
      database.users.admin,
    );
    await admin.query('CREATE TABLE t (region VARCHAR(20), number INT, PRIMARY KEY (region, number))');
    await admin.end();
  });
  afterAll(async () => {
    await database?.stop();
  });

  it('swaps the roles there and back, and loses no acknowledged row', async () => {
    let done = false;
    const writers = [write(east, () => done), write(west, () => done)];
    await pause(300);
    const before = database.direct.primary;
    await database.switchover();
    expect(database.regions[east]?.role()).toBe('secondary');
    expect(database.regions[west]?.role()).toBe('primary');
    expect(database.direct.replica).toEqual(before);
    await pause(300);
    await database.switchover({ outageMs: 100 });
    expect(database.direct.primary).toEqual(before);
    await pause(300);
    done = true;
    const [inEast, inWest] = await Promise.all(writers);
    expect(inEast?.acknowledged).toBeGreaterThan(20);
    expect(inWest?.acknowledged).toBeGreaterThan(20);
    for (const region of [east, west]) {
      const connection = await enter(region);
      if (region === west) await connection.query("SET aurora_replica_read_consistency = 'global'");
      const [rows] = await connection.query<RowDataPacket[]>(
        'SELECT region, MAX(number) AS m, COUNT(*) AS n FROM t GROUP BY region',
      );
      const found = Object.fromEntries(rows.map((row) => [row.region, row.n]));
      expect(found[east]).toBeGreaterThanOrEqual(inEast?.acknowledged as number);
      expect(found[west]).toBeGreaterThanOrEqual(inWest?.acknowledged as number);
      expect(rows.every((row) => row.m === row.n)).toBe(true);
      connection.destroy();
    }
    expect([...(inEast?.errors ?? []), ...(inWest?.errors ?? [])]).toContain(1290);
  });
});
