// The wire through which a Region's replica fetches from the other Region's server. It delays the answers by half a round trip and the
// extra replication lag. (MySQL's SOURCE_DELAY takes only whole seconds.) If one end breaks, the bytes on the wire are lost, as they
// may be when a Region is lost.
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
