// A planned switchover: the roles of the two Regions swap and nothing that was acknowledged is lost.
import type { User } from './containers/replication.ts';
import { awaitReplica, followSource } from './containers/replication.ts';
import type { Address } from './front/settings.ts';
import type { Front } from './front/start-front.ts';
import type { Server } from './pair.ts';

export interface Side extends Server {
  front: Front;
  /** Where its server reaches the other one's, through the wire with the replication lag. */
  source: Address;
}

/**
 * @param outageMs how long no server takes writes, at least; a real switchover takes far longer than one here.
 * @throws where the replica does not catch up within 30 s: the old primary takes writes again then.
 */
export async function switchOver(from: Side, to: Side, replicator: User, outageMs: number): Promise<void> {
  // Waits for the commits under way; what comes later is told 1290.
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
  // Sessions end with the change: no client continues with what it knew of the roles.
  await from.front.change({ role: 'secondary', primary: to.address });
  await to.front.change({ role: 'primary', primary: to.address });
}
