// Faults of a proxy, on demand. Clients of a real endpoint meet them when networks, servers and roles fail.
import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { createStrikes, type Strike } from '../../faults/strikes.ts';
import { command, errorPayload, frame } from './wire.ts';

export type FrontFaultKind =
  /** The connection is reset before the statement is passed on. */
  | 'connection-reset'
  /** The statement is not passed on, and nothing ends the connection until the faults are healed, as in a network without FIN. */
  | 'connection-silent'
  /** The statement is carried out, then the connection breaks instead of its answer. */
  | 'answer-lost'
  /** The statement is answered. Before the next one, the server ends the session and says that it was idle. */
  | 'ended-idle'
  /** The statement does not run, and the client gets this error. */
  | 'server-error'
  /** A new connection gets this error of a server in place of its greeting. */
  | 'connection-refused'
  /** A new connection is reset when its client begins TLS. */
  | 'connection-reset-in-handshake'
  /** The statement waits and is not passed on, until the client is gone or the faults are healed. This leaves time to end the client. */
  | 'held-before'
  /** The statement is passed on, and the proxy does not wait for its answer. The client waits as above. */
  | 'held-sent'
  /** The statement runs, and its answer waits as above. */
  | 'held-after';

export interface FrontFault extends Strike<FrontFaultKind> {
  /**
   * The statements that it may strike. INSERT: of reviews. LEDGER: an INSERT into another table. COUNT: the SELECT of a count, such as a
   * read-back. The others by their first word.
   */
  on: 'INSERT' | 'LEDGER' | 'SELECT' | 'COUNT' | 'SET' | 'any';
  /** For the errors. */
  error?: { errno: number; sqlState: string; message: string };
}

/** Called when a fault strikes. The port is the client's end of the connection, by which the client can be found. */
export type OnStruck = (fault: FrontFault, clientPort: number) => void;

export interface FaultPoint {
  arm(fault: FrontFault): void;
  /** Drops all armed faults, and ends silent and held connections. */
  heal(): void;
  /** @returns whether the new connection was refused. */
  refuses(socket: Socket): boolean;
  /** Runs one command of a client, possibly with a fault. `client` may be the TLS socket above the connection. */
  around(client: Socket, raw: Buffer, run: () => Promise<unknown>): Promise<unknown>;
}

const atConnect: ReadonlySet<FrontFaultKind> = new Set(['connection-refused', 'connection-reset-in-handshake']);

const mute = (client: Socket) => {
  client.write = (() => true) as Socket['write'];
};

export function createFaultPoint(onStruck: OnStruck): FaultPoint {
  const strikes = createStrikes<FrontFault>();
  const held = new Set<() => void>();
  /** TCP connections by the client's port, because a reset needs the TCP connection, not TLS. */
  const wires = new Map<number, Socket>();

  /** Resolves when the client is gone or the faults are healed. */
  const hold = (client: Socket) =>
    new Promise<void>((resolve) => {
      held.add(resolve);
      client.once('close', () => {
        held.delete(resolve);
        resolve();
      });
      if (client.destroyed) resolve();
    });

  return {
    arm: strikes.arm,
    heal() {
      strikes.clear();
      for (const release of held) release();
      held.clear();
    },
    refuses(socket) {
      const port = socket.remotePort ?? 0;
      const fault = strikes.take(({ kind }) => atConnect.has(kind));
      if (fault?.kind === 'connection-reset-in-handshake') {
        onStruck(fault, port);
        socket.once('data', () => socket.resetAndDestroy());
        return false;
      }
      if (!fault?.error) {
        wires.set(port, socket);
        socket.once('close', () => wires.delete(port));
        return false;
      }
      onStruck(fault, port);
      const { errno, sqlState, message } = fault.error;
      socket.end(frame(0, errorPayload(errno, sqlState, message)));
      return true;
    },
    async around(client, raw, run) {
      const word = raw[4] === command.query ? firstWord(raw) : '';
      const fault = strikes.take(
        ({ kind, on }) =>
          !atConnect.has(kind) && word !== '' && (on === 'any' || on === word || (on === 'SELECT' && word === 'COUNT')),
      );
      if (!fault) return run();
      const port = client.remotePort ?? 0;
      const reset = () => wires.get(port)?.resetAndDestroy();
      return strike(fault, client, run, { struck: () => onStruck(fault, port), hold: () => hold(client), reset });
    },
  };
}

/** The tools of a fault: `struck` reports it, `hold` waits until the client is gone or the faults are healed. */
interface Blow {
  struck: () => void;
  hold: () => Promise<void>;
  reset: () => unknown;
}

/** A statement that meets a fault. */
async function strike(
  fault: FrontFault,
  client: Socket,
  run: () => Promise<unknown>,
  { struck, hold, reset }: Blow,
): Promise<unknown> {
  switch (fault.kind) {
    case 'server-error': {
      struck();
      const { errno, sqlState, message } = fault.error ?? { errno: 1105, sqlState: 'HY000', message: 'fault' };
      return client.write(frame(1, errorPayload(errno, sqlState, message)));
    }
    case 'answer-lost':
      mute(client);
      await run();
      struck();
      return reset();
    case 'ended-idle':
      await run();
      struck();
      return client.end(
        frame(0, errorPayload(4031, 'HY000', 'The client was disconnected by the server because of inactivity.')),
      );
    case 'held-after':
      mute(client);
      await run();
      struck();
      await hold();
      break;
    case 'held-sent':
      mute(client);
      struck();
      // The result does not matter, because the client is gone by then.
      await Promise.all([run(), hold()]);
      break;
    case 'held-before':
    case 'connection-silent':
      struck();
      await hold();
      break;
    default:
      struck();
  }
  return reset();
}

/** Behind a query's attributes, which are counts and no letters where a client sends none. */
function firstWord(raw: Buffer): string {
  const words = /(?:SELECT\s+(?=COUNT))?([A-Za-z]+)(?:\s+INTO\s+(\w+))?/i.exec(raw.toString('latin1', 5, 60));
  const word = words?.[1]?.toUpperCase() ?? '';
  return word === 'INSERT' && words?.[2] !== 'book_reviews' ? 'LEDGER' : word;
}
