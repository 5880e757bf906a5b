// The two endpoints of a Region: writer and reader. A secondary's writer endpoint does not listen.
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { runSession } from './commands.ts';
import type { FaultPoint } from './faults.ts';
import { shakeHands } from './handshake.ts';
import type { ForwardedSessions } from './session.ts';
import type { FrontSettings } from './settings.ts';

const host = '127.0.0.1';

export interface Listeners {
  ports: { writer: number; reader: number };
  /** A change of the role ends all connections, as a switchover does. */
  roleChanged(): Promise<void>;
  stop(): Promise<void>;
}

export async function listen(
  ports: { writer: number; reader: number },
  tls: { key: string; cert: string },
  settings: () => FrontSettings,
  faults: FaultPoint,
): Promise<Listeners> {
  const secureContext = createSecureContext({ ...tls, minVersion: 'TLSv1.2' });
  const sockets = new Set<Socket>();
  const forwarded: ForwardedSessions = { count: 0 };
  let lastId = 0;

  async function serve(socket: Socket) {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {}).on('close', () => void sockets.delete(socket));
    if (faults.refuses(socket)) return;
    lastId += 1;
    const users = () => settings().users;
    try {
      const { serverVersion } = settings();
      const loggedIn = await shakeHands(socket, { serverVersion, connectionId: lastId, secureContext, users });
      if (loggedIn !== undefined) await runSession(loggedIn, settings, forwarded, faults);
    } catch {
      // The client left during the handshake, or spoke another protocol.
      socket.destroy();
    }
  }

  const newServer = () => createServer((socket) => void serve(socket));
  const reader = newServer();
  let writer = newServer();
  const readerPort = await open(reader, ports.reader);
  const writerPort = await open(writer, ports.writer);
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };

  async function roleChanged() {
    endAll();
    const secondary = settings().role === 'secondary';
    if (secondary && writer.listening) await shut(writer);
    if (!secondary && !writer.listening) {
      writer = newServer();
      await open(writer, writerPort);
    }
  }
  if (settings().role === 'secondary') await shut(writer);

  return {
    ports: { writer: writerPort, reader: readerPort },
    roleChanged,
    async stop() {
      endAll();
      await Promise.all([shut(reader), shut(writer)]);
    },
  };
}

/** @returns the port. If it is taken, rejects with a message that names it. */
export function open(server: Server, port: number, address = host): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`cannot listen on ${address}:${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, address, () => resolve((server.address() as { port: number }).port));
  });
}

export function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (server.listening) server.close(() => resolve());
    else resolve();
  });
}
