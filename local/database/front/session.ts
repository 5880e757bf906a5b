// One client's session: its state, and what happens to each of its commands. The decisions of write forwarding are in
// forwarding.ts, those about prepared statements in prepared.ts.
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { type Backend, LoginRefusedError, openBackend } from './backend.ts';
import { onQuery } from './forwarding.ts';
import { changeUser, type LoggedIn, type Login } from './handshake.ts';
import { createPacketReader, payloadOf } from './packets.ts';
import { onPrepared, type PreparedStatement } from './prepared.ts';
import type { ResponseEnd, ResponseOptions } from './response.ts';
import type { Consistency, Refusal } from './session-variables.ts';
import type { FrontSettings } from './settings.ts';
import { capability, command, errorPayload, frame, okPayload } from './wire.ts';

export interface Session {
  readonly settings: () => FrontSettings;
  readonly client: Socket;
  login: Login;
  local: Backend;
  primary?: Backend;
  consistency: Consistency;
  /** GTID of this session's last write: what its reads wait for. Replicas commit in the primary's order, so one is enough. */
  awaited?: string;
  /** Statements that make the session what it is, in order, and how many of them its connection to the primary has seen. */
  readonly setUp: string[];
  synced: number;
  /** Where the last statement ran. */
  last: 'local' | 'primary';
  /** The text that opened the Region's transaction; the primary gets it with the first write. */
  beginSql: string;
  /** The forwarded transaction was cancelled for idling, or its connection was lost: the next statement must learn of it. */
  cancelled: boolean;
  readonly statements: Map<number, PreparedStatement>;
  nextStatement: number;
  readonly named: Map<string, string>;
  readonly forwarded: ForwardedSessions;
}

/** Sessions of a front that hold a connection to the primary. */
export interface ForwardedSessions {
  count: number;
}

export const isForwarding = (session: Session) => session.settings().role === 'secondary' && session.consistency !== '';

/** Answers the command in hand without a server. */
export function reply(session: Session, payload: Buffer, sequence = 1): void {
  session.client.write(frame(sequence, payload));
}

export function refuse(session: Session, { errno, sqlState, message }: Refusal): void {
  reply(session, errorPayload(errno, sqlState, message));
}

/** Passes a command to one of the session's servers and the response to the client. */
export async function relay(
  session: Session,
  where: 'local' | 'primary',
  raw: Buffer,
  options: Partial<ResponseOptions & { roundTripMs: number }> = {},
): Promise<ResponseEnd> {
  const backend = session[where] as Backend;
  session.last = where;
  const { client } = session;
  const whole: ResponseOptions & { roundTripMs: number } = {
    code: raw[4] as number,
    untracked: (session.login.flags & capability.sessionTrack) === 0,
    roundTripMs: where === 'primary' ? session.settings().rttMs : 0,
    ...(where === 'primary' ? { onOk: ({ gtid }) => remember(session, gtid) } : {}),
    ...options,
  };
  return backend.relay(raw, whole, (bytes) => {
    if (client.write(bytes)) return;
    backend.pause();
    client.once('drain', () => backend.resume());
  });
}

export function remember(session: Session, gtid: string | undefined): void {
  if (gtid !== undefined && gtid !== '') session.awaited = gtid;
}

/** Runs a client's session until it ends. */
export async function runSession(
  { login, socket, sequence, nonce }: LoggedIn,
  settings: () => FrontSettings,
  forwarded: ForwardedSessions,
): Promise<void> {
  const lost = () => void socket.destroy();
  let local: Backend;
  try {
    local = await openBackend(settings().local, login, lost);
  } catch (error) {
    socket.end(frame(sequence, refusalOf(error)));
    return;
  }
  socket.write(frame(sequence, okPayload(local.statusFlags())));
  const session: Session = {
    settings,
    client: socket,
    login,
    local,
    consistency: '',
    setUp: [],
    synced: 0,
    last: 'local',
    beginSql: 'BEGIN',
    cancelled: false,
    statements: new Map(),
    nextStatement: 1,
    named: new Map(),
    forwarded,
  };
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
          await onCommand(session, raw, { nonce, lost, next });
        if (session.primary?.inTransaction())
          idle = setTimeout(() => cancelForwarded(session), settings().idleTransactionMs);
      } catch {
        // A server's connection was lost in mid-command: the client sees the same.
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

/** What a client is told when a server cannot be had: the server's own words, or those of write forwarding. */
export function refusalOf(error: unknown): Buffer {
  if (error instanceof LoginRefusedError) return error.payload;
  return errorPayload(2003, 'HY000', `Can't connect to the Region's MySQL server: ${(error as Error).message}`);
}

export function closePrimary(session: Session): void {
  if (session.primary === undefined) return;
  session.primary.close();
  delete session.primary;
  session.forwarded.count -= 1;
  session.synced = 0;
  for (const statement of session.statements.values()) delete statement.primary;
}

/** Ends the session's connection to the primary; a transaction that was open on it is lost, and the client must learn so. */
export function cancelForwarded(session: Session): void {
  if (session.primary?.inTransaction()) session.cancelled = true;
  closePrimary(session);
}

/** What a command that logs in again needs of the connection. */
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

export function useDatabase(session: Session, database: string): void {
  session.login = { ...session.login, database };
  addSetUp(session, `USE \`${database.replaceAll('`', '``')}\``);
}

/** Repeating a statement word for word moves it to the end, so that a long session's list stays short. */
export function addSetUp(session: Session, sql: string): void {
  const before = session.setUp.indexOf(sql);
  if (before >= 0) {
    session.setUp.splice(before, 1);
    if (before < session.synced) session.synced -= 1;
  }
  session.setUp.push(sql);
}

function forget(session: Session): void {
  session.consistency = '';
  delete session.awaited;
  session.setUp.length = 0;
  session.synced = 0;
  session.cancelled = false;
  session.statements.clear();
  session.named.clear();
}

/** The session stays logged in, with its database, and loses everything else: the consistency too. */
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
    session.client.end(frame(changed.sequence, refusalOf(error)));
  }
}
