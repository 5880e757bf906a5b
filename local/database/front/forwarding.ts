// A secondary session's use of the primary: connects to it, joins its transaction, and waits for its writes.
import { Buffer } from 'node:buffer';
import { openBackend } from './backend.ts';
import { LoginRefusedError } from './backend-login.ts';
import type { ResponseEnd } from './response.ts';
import { cancelForwarded, closePrimary, refuse, relay, remember, reply, type Session } from './session.ts';
import type { Refusal } from './session-variables.ts';
import { command, queryCommand, status } from './wire.ts';

/** latin1 keeps every byte of any character set. SQL keywords are ASCII in all of them. */
export const latin1 = (sql: string) => Buffer.from(sql, 'latin1');
export const query = (sql: string) => queryCommand(latin1(sql));

export const refusals = {
  tooManySessions: { errno: 1040, sqlState: '08004', message: 'Too many connections' },
  // Drivers know this code as a fault of write forwarding. Nobody has verified Aurora's text for each fault.
  unreachable: {
    errno: 63976,
    sqlState: 'HY000',
    message: 'Internal write forwarding error: the primary cannot be reached',
  },
  cancelled: { errno: 63976, sqlState: 'HY000', message: 'The forwarded transaction was cancelled' },
  // Nobody has verified Aurora's answer. This is MySQL's answer for a statement that timed out.
  readWait: {
    errno: 3024,
    sqlState: 'HY000',
    message: "Query execution was interrupted: this session's writes were not replicated in time",
  },
  inTransaction: {
    errno: 1568,
    sqlState: '25001',
    message: "Transaction characteristics can't be changed while a transaction is in progress",
  },
} satisfies Record<string, Refusal>;

/**
 * Connects to the primary where the session is not yet, and brings that connection to the session's state.
 * @returns false if the client was refused.
 */
export async function reachPrimary(session: Session): Promise<boolean> {
  if (session.primary === undefined) {
    const { primary, maxForwardedSessions } = session.settings();
    if (session.forwarded.count >= maxForwardedSessions) {
      refuse(session, refusals.tooManySessions);
      return false;
    }
    session.forwarded.count += 1;
    try {
      session.primary = await openBackend(primary, session.login, () => cancelForwarded(session));
    } catch (error) {
      session.forwarded.count -= 1;
      if (error instanceof LoginRefusedError) reply(session, error.payload);
      else refuse(session, refusals.unreachable);
      return false;
    }
    // The client left meanwhile, when there was no connection to close yet.
    if (session.client.destroyed) closePrimary(session);
    if (session.primary === undefined) throw new Error('client left');
  }
  while (session.synced < session.setUp.length) {
    const sql = session.setUp[session.synced] as string;
    session.synced += 1;
    await session.primary.ask(query(sql), 0, ({ gtid }) => remember(session, gtid));
  }
  return true;
}

/** Opens the transaction on the primary with its first write. Until then, it costs no round trip. */
export async function joinTransaction(session: Session): Promise<void> {
  const { primary, local } = session;
  if (primary === undefined || primary.inTransaction() || !local.inTransaction()) return;
  if ((local.statusFlags() & status.autocommit) === 0) return;
  await primary.ask(query(session.beginSql), session.settings().rttMs);
}

export async function forward(session: Session, raw: Buffer): Promise<void> {
  if (!(await reachPrimary(session))) return;
  await joinTransaction(session);
  const end = await relay(session, 'primary', raw);
  await afterForwarded(session, end);
}

/** An error packet has no status. Ask whether the error ended the transaction, as a deadlock does. */
export async function afterForwarded(session: Session, end: ResponseEnd): Promise<void> {
  const { primary } = session;
  if (end.errno === undefined || primary === undefined || !primary.inTransaction()) return;
  await primary.ask(queryCommand('', command.ping));
  if (!primary.inTransaction() && session.local.inTransaction()) await session.local.ask('ROLLBACK');
}

export async function read(session: Session, raw: Buffer): Promise<void> {
  // Inside of a forwarded transaction, reads see its writes.
  if (session.primary?.inTransaction()) await afterForwarded(session, await relay(session, 'primary', raw));
  else if (await awaitWrites(session)) await relay(session, 'local', raw);
}

/** Waits as the session's consistency requires. @returns false if it told the client that the wait took too long. */
export async function awaitWrites(session: Session): Promise<boolean> {
  let awaited = session.awaited;
  if (session.consistency === 'GLOBAL') {
    if (!(await reachPrimary(session))) return false;
    awaited = (await session.primary?.ask('SELECT @@global.gtid_executed', session.settings().rttMs))?.value;
  } else if (session.consistency !== 'SESSION') return true;
  if (awaited === undefined || awaited === '') return true;
  const seconds = session.settings().readWaitMs / 1000;
  const set = awaited.replace(/\s/g, '');
  const { value } = await session.local.ask(`SELECT WAIT_FOR_EXECUTED_GTID_SET('${set}', ${seconds})`);
  if (value !== '0') {
    refuse(session, refusals.readWait);
    return false;
  }
  if (session.awaited === awaited) delete session.awaited;
  return true;
}

/** Ends the open forwarded transaction before another begins. */
export async function commitForwarded(session: Session): Promise<void> {
  await session.primary?.ask('COMMIT', session.settings().rttMs, ({ gtid }) => remember(session, gtid));
}
