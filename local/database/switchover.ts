// A planned switchover. The two Regions swap their roles, and no acknowledged transaction is lost.
import type { User } from './containers/replication.ts';
import { awaitReplica, followSource } from './containers/replication.ts';
import type { Address } from './front/settings.ts';
import type { Front } from './front/start-front.ts';
import type { Server } from './pair.ts';

export interface Side extends Server {
  front: Front;
  /** The address of the other server, through the wire with the replication lag. */
  source: Address;
}

/**
 * @param outageMs how long no server takes writes, at least. A real switchover takes far longer than one here.
 * @throws if the replica does not catch up within 30 s. The old primary then takes writes again.
 */
export async function switchOver(from: Side, to: Side, replicator: User, outageMs: number): Promise<void> {
  // Waits for the running commits. Later statements get 1290.
  await from.root.query('SET GLOBAL super_read_only = ON');
  const outage = new Promise((resolve) => setTimeout(resolve, outageMs));
  try {
    await awaitReplica(from.root, to.root, 30);
  } catch (error) {
    await from.root.query('SET GLOBAL super_read_only = OFF');
    await from.root.query('SET GLOBAL read_only = OFF');
    throw error;
  }
  await outage;
  await to.root.query('STOP REPLICA');
  await to.root.query('RESET REPLICA ALL');
  await followSource(from.root, from.source, replicator);
  await to.root.query('SET GLOBAL super_read_only = OFF');
  await to.root.query('SET GLOBAL read_only = OFF');
  // All sessions end with the change, so that no client uses the old roles.
  await from.front.change({ role: 'secondary', primary: to.address });
  await to.front.change({ role: 'primary', primary: to.address });
}
