// Runs a client's commands, one after the other. statements.ts and prepared.ts handle the statements on a secondary.
import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { type Backend, openBackend } from './backend.ts';
import { LoginRefusedError } from './backend-login.ts';
import type { FaultPoint } from './faults.ts';
import { changeUser, type LoggedIn } from './handshake.ts';
import { createPacketReader, payloadOf } from './packets.ts';
import { onPrepared } from './prepared.ts';
import {
  cancelForwarded,
  closePrimary,
  type ForwardedSessions,
  forget,
  refuse,
  relay,
  reply,
  type Session,
  useDatabase,
} from './session.ts';
import type { Refusal } from './session-variables.ts';
import type { FrontSettings } from './settings.ts';
import { onQuery } from './statements.ts';
import { command, frame, okPayload } from './wire.ts';

/** Passes the server's refusal to the client. If there is no server, the proxy drops the client too. */
function endLogin(client: Socket, sequence: number, error: unknown): void {
  if (error instanceof LoginRefusedError) client.end(frame(sequence, error.payload));
  else client.destroy();
}

const freshSession = () => ({
  consistency: '' as const,
  setUp: [],
  synced: 0,
  last: 'local' as const,
  beginSql: 'BEGIN',
  cancelled: false,
  statements: new Map(),
  nextStatement: 1,
  named: new Map(),
});

/** Runs a client's session until it ends. */
export async function runSession(
  { login, socket, sequence, nonce }: LoggedIn,
  settings: () => FrontSettings,
  forwarded: ForwardedSessions,
  faults: FaultPoint,
): Promise<void> {
  const lost = () => void socket.destroy();
  let local: Backend;
  try {
    local = await openBackend(settings().local, login, lost);
  } catch (error) {
    return endLogin(socket, sequence, error);
  }
  socket.write(frame(sequence, okPayload(local.statusFlags())));
  const session: Session = { ...freshSession(), settings, client: socket, login, local, forwarded };
  await new Promise<void>((resolve) => {
    const waiting: Buffer[] = [];
    let busy = false;
    let idle: NodeJS.Timeout | undefined;
    let take: ((raw: Buffer) => void) | undefined;
    const cut = createPacketReader((raw) => {
      if (take === undefined) waiting.push(raw);
      else take(raw);
      take = undefined;
    });
    const next = () =>
      new Promise<Buffer>((resolveNext) => {
        take = resolveNext;
      });

    async function work() {
      if (busy) return;
      busy = true;
      clearTimeout(idle);
      try {
        for (let raw = waiting.shift(); raw !== undefined; raw = waiting.shift())
          await faults.around(socket, raw, () => onCommand(session, raw, { nonce, lost, next }));
        if (session.primary?.inTransaction())
          idle = setTimeout(() => cancelForwarded(session), settings().idleTransactionMs);
      } catch {
        // The connection to a server was lost during a command. The client sees the same.
        socket.destroy();
      }
      busy = false;
    }

    socket.on('data', (chunk: Buffer) => {
      cut(chunk);
      void work();
    });
    socket.on('error', lost);
    socket.on('close', () => {
      clearTimeout(idle);
      session.local.close();
      closePrimary(session);
      resolve();
    });
    if (socket.destroyed) {
      local.close();
      resolve();
    }
    socket.resume();
  });
}

/** The parts of the connection that a new login needs. */
interface Conversation {
  nonce: Buffer;
  lost: () => void;
  next: () => Promise<Buffer>;
}

async function onCommand(session: Session, raw: Buffer, conversation: Conversation): Promise<unknown> {
  switch (raw[4]) {
    case command.quit:
      return session.client.end();
    case command.changeUser:
      return onChangeUser(session, raw, conversation);
    case command.closeStatement:
    case command.longData:
      if (session.settings().role === 'primary') return session.local.send(raw);
      return onPrepared(session, raw);
    case command.ping:
    case command.statistics:
    case command.fieldList:
    case command.setOption:
    case command.debug:
      return relay(session, 'local', raw);
  }
  if (session.settings().role === 'primary') {
    const code = raw[4] as number;
    if (known.has(code)) return relay(session, 'local', raw);
    return refuse(session, unknownCommand);
  }
  switch (raw[4]) {
    case command.query:
      return onQuery(session, raw);
    case command.initDb: {
      const end = await relay(session, 'local', raw);
      if (end.errno === undefined) useDatabase(session, payloadOf(raw).toString('latin1', 1));
      return end;
    }
    case command.prepare:
    case command.execute:
    case command.fetch:
    case command.resetStatement:
      return onPrepared(session, raw);
    case command.resetConnection:
      return onReset(session, raw);
    default:
      return refuse(session, unknownCommand);
  }
}

const known = new Set<number>([
  command.query,
  command.initDb,
  command.prepare,
  command.execute,
  command.fetch,
  command.resetStatement,
  command.resetConnection,
]);
const unknownCommand: Refusal = { errno: 1047, sqlState: '08S01', message: 'Unknown command' };

/** The session stays logged in, with its database. It loses everything else, also its consistency. */
async function onReset(session: Session, raw: Buffer): Promise<void> {
  closePrimary(session);
  forget(session);
  await relay(session, 'local', raw);
}

async function onChangeUser(session: Session, raw: Buffer, { nonce, lost, next }: Conversation): Promise<void> {
  const changed = await changeUser(session.client, raw, nonce, session.login, session.settings().users, next);
  if (changed === undefined) return;
  closePrimary(session);
  session.local.close();
  forget(session);
  session.login = changed.login;
  try {
    session.local = await openBackend(session.settings().local, changed.login, lost);
    reply(session, okPayload(session.local.statusFlags()), changed.sequence);
  } catch (error) {
    endLogin(session.client, changed.sequence, error);
  }
}
