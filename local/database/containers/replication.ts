// GTID replication between the two servers, and the users and database that both have.
import type { Connection } from 'mysql2/promise';
import type { Address } from '../front/settings.ts';

export interface User {
  user: string;
  password: string;
}

/** Initialization writes the same transactions on each server. Replication would stop at the first of them. */
export async function forgetInitialisation(root: Connection): Promise<void> {
  try {
    await root.query('RESET BINARY LOGS AND GTIDS');
  } catch (error) {
    // MySQL 8.0 knows only the old name.
    if ((error as { errno?: number }).errno !== 1064) throw error;
    await root.query('RESET MASTER');
  }
}

export async function makeUsers(
  primary: Connection,
  database: string,
  replicator: User,
  admin: User,
  application: User,
) {
  const name = `\`${database}\``;
  await primary.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  await primary.query("CREATE USER ?@'%' IDENTIFIED BY ?", [replicator.user, replicator.password]);
  await primary.query("GRANT REPLICATION SLAVE ON *.* TO ?@'%'", [replicator.user]);
  await primary.query("CREATE USER ?@'%' IDENTIFIED BY ?", [admin.user, admin.password]);
  // As RDS makes its administrator: may create users and give them what the database has.
  await primary.query("GRANT CREATE USER ON *.* TO ?@'%'", [admin.user]);
  await primary.query(`GRANT ALL ON ${name}.* TO ?@'%' WITH GRANT OPTION`, [admin.user]);
  await primary.query("CREATE USER ?@'%' IDENTIFIED BY ?", [application.user, application.password]);
  await primary.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.* TO ?@'%'`, [application.user]);
}

/** @param source the address by which the replica reaches it. */
export async function followSource(replica: Connection, source: Address, replicator: User): Promise<void> {
  await replica.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = ?, SOURCE_PASSWORD = ?,
     SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 86400,
     SOURCE_HEARTBEAT_PERIOD = 1`,
    [source.host, source.port, replicator.user, replicator.password],
  );
  await replica.query('START REPLICA');
  await replica.query('SET GLOBAL super_read_only = ON');
}

/** @throws if the replica has not applied all transactions of the primary in time, with the replica's reason. */
export async function awaitReplica(primary: Connection, replica: Connection, timeoutSeconds: number): Promise<void> {
  const [gtids] = await primary.query('SELECT @@global.gtid_executed AS executed');
  const { executed } = (gtids as { executed: string }[])[0] as { executed: string };
  const [rows] = await replica.query('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS late', [executed, timeoutSeconds]);
  if ((rows as { late: number }[])[0]?.late === 0) return;
  const [states] = await replica.query('SHOW REPLICA STATUS');
  const state = (states as Record<string, unknown>[])[0];
  const why = state?.Last_IO_Error || state?.Last_SQL_Error || `it is ${state?.Replica_IO_State || 'idle'}`;
  throw new Error(`the replica did not catch up with the primary within ${timeoutSeconds} s: ${why}`);
}
