// The two servers of a global database, before any of them replicates.
import type { Connection } from 'mysql2/promise';
import { connectAsRoot } from './containers/connect.ts';
import { startMysqlServer } from './containers/mysql-server.ts';
import { forgetInitialisation } from './containers/replication.ts';
import type { Address } from './front/settings.ts';

export interface Server {
  region: string;
  address: Address;
  rootPassword: string;
  /** Stays open while the server runs. */
  root: Connection;
}

export interface PairOptions {
  image: string;
  label: string;
  regions: readonly [string, string];
  rootPassword: string;
}

/** Starts both at once. `started` removes them later, even if one of them fails to start. */
export async function startPair(
  { image, label, regions, rootPassword }: PairOptions,
  started: AsyncDisposableStack,
): Promise<[Server, Server]> {
  const start = async (region: string, serverId: number): Promise<Server> => {
    const server = await startMysqlServer({ image, label, serverId, name: region, rootPassword });
    started.defer(async () => void (await server.container.stop({ remove: true, removeVolumes: true, timeout: 0 })));
    const root = await connectAsRoot(server);
    // The next statement fails anyway. Without a listener, the error would end the whole program.
    root.on('error', () => {});
    started.defer(() => root.end().catch(() => {}));
    await forgetInitialisation(root);
    return { region, address: { host: server.host, port: server.port }, rootPassword, root };
  };
  // Wait for both before passing on a failure, so that the clean-up misses neither.
  const [first, second] = await Promise.allSettled([start(regions[0], 1), start(regions[1], 2)]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}
