// The wire that a Region's replica fetches from the other Region's server through: what comes back is held as long as
// half a round trip and the extra replication lag. (MySQL's own SOURCE_DELAY knows whole seconds only.) What is on its way
// when one end breaks is lost, as it may be with a Region.
import { connect, createServer, type Socket } from 'node:net';
import { createDelayLine } from '../delay-line.ts';
import { open, shut } from './listener.ts';
import type { Address } from './settings.ts';

export async function openReplicationWire(listenHost: string, source: Address, delayMs: () => number) {
  const sockets = new Set<Socket>();
  const server = createServer((replica) => {
    const upstream = connect(source);
    const line = createDelayLine<Buffer>(delayMs, (chunk) => void replica.write(chunk));
    for (const [socket, other] of [
      [replica, upstream],
      [upstream, replica],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        line.clear();
        other.destroy();
      });
    }
    replica.on('data', (chunk: Buffer) => void upstream.write(chunk));
    upstream.on('data', (chunk: Buffer) => line.push(chunk));
  });
  const port = await open(server, 0, listenHost);
  return {
    port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await shut(server);
    },
  };
}
