// Write forwarding: which statement runs where, what it waits for, and what is refused.
import { Buffer } from 'node:buffer';
import { openBackend } from './backend.ts';
import { classify, type Statement } from './classify.ts';
import type { ResponseEnd } from './response.ts';
import {
  addSetUp,
  cancelForwarded,
  closePrimary,
  isForwarding,
  refusalOf,
  refuse,
  relay,
  remember,
  reply,
  type Session,
  useDatabase,
} from './session.ts';
import {
  type Refusal,
  readSet,
  refusedByForwarding,
  rewriteShowVariables,
  rewriteVariables,
  type Setting,
} from './session-variables.ts';
import { tokens, unquoted } from './tokens.ts';
import { command, queryCommand, status } from './wire.ts';

/** Bytes of a statement that are read to tell a plain write, whose rows may be megabytes. */
const headBytes = 512;

/** latin1 keeps every byte as it is, whatever the client's character set; SQL's own words are ASCII in all of them. */
export const latin1 = (sql: string) => Buffer.from(sql, 'latin1');
const query = (sql: string) => queryCommand(latin1(sql));

const refusals = {
  tooManySessions: { errno: 1040, sqlState: '08004', message: 'Too many connections' },
  // The code that drivers know as a fault of write forwarding; what Aurora answers to a lost transaction is unverified.
  cancelled: { errno: 63976, sqlState: 'HY000', message: 'The forwarded transaction was cancelled' },
  // Aurora's answer is unverified: this is the server's own for a statement that ran out of time.
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

/** COM_QUERY on a secondary. */
export async function onQuery(session: Session, raw: Buffer): Promise<unknown> {
  const head = raw.toString('latin1', 5, 5 + headBytes);
  let statement = classify(head);
  let sql = head;
  if (statement.kind !== 'write' && raw.length > 5 + headBytes) {
    sql = raw.toString('latin1', 5);
    statement = classify(sql);
  }
  return runStatement(session, raw, statement, sql);
}

async function runStatement(session: Session, raw: Buffer, statement: Statement, sql: string): Promise<unknown> {
  const { kind } = statement;
  if (session.cancelled) {
    session.cancelled = false;
    await session.local.ask('ROLLBACK');
    return refuse(session, refusals.cancelled);
  }
  if (kind === 'set') return onSet(session, readSet(sql));
  if (kind === 'use') return onUse(session, raw, sql);
  if (kind === 'show-variables') return relay(session, 'local', query(rewriteShowVariables(sql)));
  if (!isForwarding(session)) {
    if (kind === 'prepare') return onNamedPrepare(session, raw, statement);
    return relay(session, 'local', kind === 'read' ? rewritten(raw, sql) : raw);
  }
  switch (kind) {
    case 'refused':
      return refuse(session, refusedByForwarding());
    case 'write':
      return forward(session, raw);
    case 'read':
      return read(session, rewritten(raw, sql));
    case 'diagnostics':
      return relay(session, session.primary === undefined ? 'local' : session.last, raw, { roundTripMs: 0 });
    case 'begin':
      return begin(session, raw, sql);
    case 'commit':
    case 'rollback':
      return endTransaction(session, raw, sql);
    case 'prepare':
      return onNamedPrepare(session, raw, statement);
    case 'execute':
      return runStatement(session, raw, { kind: classify(session.named.get(statement.name ?? '') ?? '').kind }, sql);
    default:
      return relay(session, 'local', raw);
  }
}

const rewritten = (raw: Buffer, sql: string) => {
  const text = rewriteVariables(sql);
  return text === sql ? raw : query(text);
};

/**
 * Connects to the primary where the session is not yet, and brings that connection to the session's state.
 * @returns false where the client was refused.
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
      reply(session, refusalOf(error));
      return false;
    }
    // The client left meanwhile: its end found no connection to close.
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

/** Opens the transaction on the primary with its first write: until then it costs no round trip. */
export async function joinTransaction(session: Session): Promise<void> {
  const { primary, local } = session;
  if (primary === undefined || primary.inTransaction() || !local.inTransaction()) return;
  if ((local.statusFlags() & status.autocommit) === 0) return;
  await primary.ask(query(session.beginSql), session.settings().rttMs);
}

async function forward(session: Session, raw: Buffer): Promise<void> {
  if (!(await reachPrimary(session))) return;
  await joinTransaction(session);
  const end = await relay(session, 'primary', raw);
  await afterForwarded(session, end);
}

/** An error packet carries no status: whether it took the transaction with it (a deadlock does) is asked for. */
export async function afterForwarded(session: Session, end: ResponseEnd): Promise<void> {
  const { primary } = session;
  if (end.errno === undefined || primary === undefined || !primary.inTransaction()) return;
  await primary.ask(queryCommand('', command.ping));
  if (!primary.inTransaction() && session.local.inTransaction()) await session.local.ask('ROLLBACK');
}

async function read(session: Session, raw: Buffer): Promise<void> {
  // Inside of a forwarded transaction reads see what it wrote.
  if (session.primary?.inTransaction()) await afterForwarded(session, await relay(session, 'primary', raw));
  else if (await awaitWrites(session)) await relay(session, 'local', raw);
}

/** Waits as the session's consistency asks for. @returns false where the client was told that it took too long. */
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

async function begin(session: Session, raw: Buffer, sql: string): Promise<unknown> {
  // BEGIN commits what is open.
  if (session.primary?.inTransaction()) await commitForwarded(session);
  // A consistent snapshot is a read.
  if (/snapshot/i.test(sql) && !(await awaitWrites(session))) return;
  session.beginSql = sql;
  return relay(session, 'local', raw);
}

async function commitForwarded(session: Session): Promise<void> {
  await session.primary?.ask('COMMIT', session.settings().rttMs, ({ gtid }) => remember(session, gtid));
}

async function endTransaction(session: Session, raw: Buffer, sql: string): Promise<unknown> {
  if (!session.primary?.inTransaction()) return relay(session, 'local', raw);
  await relay(session, 'primary', raw);
  return session.local.ask(query(sql));
}

async function onSet(session: Session, setting: Setting): Promise<void> {
  const { consistency } = setting;
  if (setting.refusal !== undefined) return refuse(session, setting.refusal);
  if (setting.otherIsolation && isForwarding(session)) return refuse(session, refusedByForwarding());
  const inTransaction = session.local.inTransaction() || session.primary?.inTransaction() === true;
  const switched = consistency !== undefined && (consistency === '') !== (session.consistency === '');
  if (switched && inTransaction) return refuse(session, refusals.inTransaction);

  const end = await relay(session, 'local', query(setting.sql));
  if (end.errno !== undefined) return;
  if (consistency !== undefined) session.consistency = consistency;
  addSetUp(session, setting.sql);
  // Switching autocommit on commits, so the primary learns of it now and not with the next write.
  if (setting.autocommit && session.primary?.inTransaction()) await reachPrimary(session);
}

async function onUse(session: Session, raw: Buffer, sql: string): Promise<void> {
  const end = await relay(session, 'local', raw);
  const name = [...tokens(sql)][1]?.text;
  if (end.errno === undefined && name !== undefined) useDatabase(session, unquoted(name));
}

/** SQL's own PREPARE: kept in the Region, and told to the primary before its first write. */
async function onNamedPrepare(session: Session, raw: Buffer, { name = '', text, variable }: Statement): Promise<void> {
  const prepared =
    text ?? (variable === undefined ? '' : ((await session.local.ask(query(`SELECT ${variable}`))).value ?? ''));
  if (isForwarding(session) && classify(prepared).kind === 'refused') return refuse(session, refusedByForwarding());
  const end = await relay(session, 'local', raw);
  if (end.errno !== undefined) return;
  session.named.set(name, prepared);
  addSetUp(session, raw.toString('latin1', 5));
}
