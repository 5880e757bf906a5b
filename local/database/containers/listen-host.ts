import { networkInterfaces } from 'node:os';
import { getContainerRuntimeClient } from 'testcontainers';

/**
 * Where to listen for what only containers of this machine shall reach. On Linux that is this machine's address on Docker's
 * own bridge, to which no other machine has a route; Docker Desktop, whose bridge is inside of its virtual machine, brings
 * its containers to the loopback address. To be asked while a container runs: without one the bridge is down, and not listed.
 */
export async function listenHostForContainers(): Promise<string> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const bridge = (await dockerode.getNetwork('bridge').inspect()) as { Options?: Record<string, string> };
  // The gateway that the network's description names is missing on some engines; the interface is always there.
  const name = bridge.Options?.['com.docker.network.bridge.name'] ?? 'docker0';
  const own = networkInterfaces()[name]?.find(({ family }) => family === 'IPv4');
  return own?.address ?? '127.0.0.1';
}
