// An unplanned failover. The primary is gone at once, and with it all acknowledged transactions that had not replicated.
// Afterwards the old primary can rejoin as a secondary, with the data of the new primary.
import type { User } from './containers/replication.ts';
import { awaitReplica, followSource, forgetInitialisation } from './containers/replication.ts';
import type { Side } from './switchover.ts';

/** No server listens there. */
const nowhere = { host: '127.0.0.1', port: 1 };

/** Loses the transactions that `from` has acknowledged and `to` does not have. `from` takes no connections until `rejoin`. */
export async function failOver(from: Side, to: Side): Promise<void> {
  // Close the Region's endpoints first, so that nothing more is acknowledged.
  await from.front.change({ role: 'secondary', primary: to.address, local: nowhere });
  await from.root.query('SET GLOBAL super_read_only = ON');
  await to.root.query('STOP REPLICA');
  // Also drop transactions that were received but not applied.
  await to.root.query('RESET REPLICA ALL');
  await to.root.query('SET GLOBAL super_read_only = OFF');
  await to.root.query('SET GLOBAL read_only = OFF');
  await to.front.change({ role: 'primary', primary: to.address });
}

/** `from` forgets its data, replays all of `to`, and is then its Region's secondary. */
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
  // A server skips its own transactions. The two servers count in steps of two, so their numbers never meet.
  await from.root.query('SET GLOBAL server_id = @@GLOBAL.server_id + 2');
  await followSource(from.root, from.source, replicator);
  await awaitReplica(to.root, from.root, 60);
  await from.front.change({ local: from.address });
}
