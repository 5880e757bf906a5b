// One client's session: its state, and the way of bytes between the client and the session's servers.
import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Backend } from './backend.ts';
import type { Login } from './handshake.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import type { ResponseEnd, ResponseOptions } from './response.ts';
import type { Consistency, Refusal } from './session-variables.ts';
import type { FrontSettings } from './settings.ts';
import { capability, errorPayload, frame } from './wire.ts';

export interface Session {
  readonly settings: () => FrontSettings;
  readonly client: Socket;
  login: Login;
  local: Backend;
  primary?: Backend;
  consistency: Consistency;
  /** GTID of this session's last write. Its reads wait for it. Replicas commit in the primary's order, so one GTID is enough. */
  awaited?: string;
  /** Statements that set the session up, in order, and how many of them its connection to the primary has seen. */
  readonly setUp: string[];
  synced: number;
  /** Where the last statement ran. */
  last: 'local' | 'primary';
  /** The text that opened the Region's transaction. The primary gets it with the first write. */
  beginSql: string;
  /** The forwarded transaction was cancelled because it was idle, or its connection was lost. The next statement must get an error. */
  cancelled: boolean;
  readonly statements: Map<number, PreparedStatement>;
  nextStatement: number;
  readonly named: Map<string, string>;
  readonly forwarded: ForwardedSessions;
}

/** Sessions of a proxy that have a connection to the primary. */
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

export function closePrimary(session: Session): void {
  if (session.primary === undefined) return;
  session.primary.close();
  delete session.primary;
  session.forwarded.count -= 1;
  session.synced = 0;
  for (const statement of session.statements.values()) delete statement.primary;
}

/** Ends the session's connection to the primary. An open transaction on it is lost, and the client must get an error. */
export function cancelForwarded(session: Session): void {
  if (session.primary?.inTransaction()) session.cancelled = true;
  closePrimary(session);
}

export function useDatabase(session: Session, database: string): void {
  session.login = { ...session.login, database };
  addSetUp(session, `USE \`${database.replaceAll('`', '``')}\``);
}

/** A repeated statement moves to the end, so that the list of a long session stays short. */
export function addSetUp(session: Session, sql: string): void {
  const before = session.setUp.indexOf(sql);
  if (before >= 0) {
    session.setUp.splice(before, 1);
    if (before < session.synced) session.synced -= 1;
  }
  session.setUp.push(sql);
}

/** Forgets the state that a reset of the connection ends. */
export function forget(session: Session): void {
  session.consistency = '';
  delete session.awaited;
  session.setUp.length = 0;
  session.synced = 0;
  session.cancelled = false;
  session.statements.clear();
  session.named.clear();
}
