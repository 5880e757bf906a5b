// Opens the Regions' ports to containers. The SAM CLI puts its containers on Docker's network (it ignores --docker-network host), and the
// Regions listen only on the loopback address. So this listens on the machine's address on Docker's bridge, to which no other machine has
// a route, and passes connections on to the loopback address.
import { connect, createServer, type Server } from 'node:net';
import { listenHostForContainers } from '../database/containers/listen-host.ts';

/** The name of this machine inside containers. The local certificates have it, and Docker Desktop knows it. */
export const hostName = 'host.docker.internal';

const loopback = '127.0.0.1';

export interface ContainerDoor {
  /** An IP address, so that the S3 client uses path-style addresses. */
  address: string;
  /** Undefined if Docker already lets containers reach the loopback address. */
  addHost: string | undefined;
  close(): Promise<void>;
}

/** Opens only ports on which something listens. Other ports refuse connections here too. */
export async function openContainerDoor(ports: number[]): Promise<ContainerDoor> {
  const address = await listenHostForContainers();
  if (address === loopback) return { address: hostName, addHost: undefined, close: async () => {} };
  const accepting = await Promise.all(ports.map(async (port) => ((await accepts(port)) ? [port] : [])));
  const relays = await Promise.all(accepting.flat().map((port) => relay(address, port)));
  return {
    address,
    addHost: `${hostName}:${address}`,
    close: async () => void (await Promise.all(relays.map((close) => close()))),
  };
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, loopback);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

async function relay(address: string, port: number): Promise<() => Promise<void>> {
  const open = new Set<() => void>();
  const server: Server = createServer((outer) => {
    const inner = connect(port, loopback);
    const end = () => {
      outer.destroy();
      inner.destroy();
      open.delete(end);
    };
    open.add(end);
    for (const socket of [outer, inner]) socket.setNoDelay(true).on('error', end).on('close', end);
    outer.pipe(inner);
    inner.pipe(outer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const end of open) end();
    });
}
