// An unplanned failover: the primary is gone at once, with all that it had acknowledged and not yet replicated.
// Afterwards the old primary can rejoin as a secondary, with the data of the new one.
import type { User } from './containers/replication.ts';
import { awaitReplica, followSource, forgetInitialisation } from './containers/replication.ts';
import type { Side } from './switchover.ts';

/** No server listens there. */
const nowhere = { host: '127.0.0.1', port: 1 };

/** Transactions that `from` has acknowledged and `to` does not have are lost. `from` takes no connections until `rejoin`. */
export async function failOver(from: Side, to: Side): Promise<void> {
  // The Region's endpoints go first: nothing is acknowledged any more.
  await from.front.change({ role: 'secondary', primary: to.address, local: nowhere });
  await from.root.query('SET GLOBAL super_read_only = ON');
  await to.root.query('STOP REPLICA');
  // What was received and not applied is dropped as well.
  await to.root.query('RESET REPLICA ALL');
  await to.root.query('SET GLOBAL super_read_only = OFF');
  await to.root.query('SET GLOBAL read_only = OFF');
  await to.front.change({ role: 'primary', primary: to.address });
}

/** `from` forgets all that it had, replays all of `to`, and is its Region's secondary then. */
export async function rejoin(
  from: Side,
  to: Side,
  database: string,
  replicator: User,
  users: readonly User[],
): Promise<void> {
  await from.root.query('SET GLOBAL super_read_only = OFF');
  await from.root.query('SET GLOBAL read_only = OFF');
  await from.root.query('SET SESSION sql_log_bin = OFF');
  await from.root.query(`DROP DATABASE \`${database}\``);
  for (const { user } of [replicator, ...users]) await from.root.query("DROP USER ?@'%'", [user]);
  await from.root.query('SET SESSION sql_log_bin = ON');
  await forgetInitialisation(from.root);
  // A server skips what it finds to be its own; two servers count on in steps of two, so they never meet.
  await from.root.query('SET GLOBAL server_id = @@GLOBAL.server_id + 2');
  await followSource(from.root, from.source, replicator);
  await awaitReplica(to.root, from.root, 60);
  await from.front.change({ local: from.address });
}
