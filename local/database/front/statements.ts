// Decides for each statement on a secondary where it runs, how it changes, and whether it is refused.
import type { Buffer } from 'node:buffer';
import { classify, type Statement } from './classify.ts';
import { awaitWrites, commitForwarded, forward, query, reachPrimary, read, refusals } from './forwarding.ts';
import { addSetUp, isForwarding, refuse, relay, remember, reply, type Session, useDatabase } from './session.ts';
import {
  readSet,
  refusedByForwarding,
  rewriteShowVariables,
  rewriteVariables,
  type Setting,
} from './session-variables.ts';
import { tokens, unquoted } from './tokens.ts';

/** Bytes to read of a statement to recognize a plain write. Its rows may be megabytes. */
const headBytes = 512;

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

async function begin(session: Session, raw: Buffer, sql: string): Promise<unknown> {
  // BEGIN commits an open transaction.
  if (session.primary?.inTransaction()) await commitForwarded(session);
  // A consistent snapshot is a read.
  if (/snapshot/i.test(sql) && !(await awaitWrites(session))) return;
  session.beginSql = sql;
  return relay(session, 'local', raw);
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

  // Switching autocommit on commits. So the primary does it before the client gets its answer.
  const committing = setting.autocommit && session.primary?.inTransaction() === true;
  if (committing && !(await setOnPrimary(session, setting.sql))) return;
  const end = await relay(session, 'local', query(setting.sql));
  if (end.errno !== undefined) return;
  if (consistency !== undefined) session.consistency = consistency;
  addSetUp(session, setting.sql);
  if (committing) session.synced = session.setUp.length;
}

/** @returns false if the client was refused. */
async function setOnPrimary(session: Session, sql: string): Promise<boolean> {
  if (!(await reachPrimary(session))) return false;
  const { rttMs } = session.settings();
  const end = await session.primary?.ask(query(sql), rttMs, ({ gtid }) => remember(session, gtid));
  if (end?.error !== undefined) reply(session, end.error);
  return end?.error === undefined;
}

async function onUse(session: Session, raw: Buffer, sql: string): Promise<void> {
  const end = await relay(session, 'local', raw);
  const name = [...tokens(sql)][1]?.text;
  if (end.errno === undefined && name !== undefined) useDatabase(session, unquoted(name));
}

/** PREPARE in SQL. It stays in the Region, and the primary gets it before its first write. */
async function onNamedPrepare(session: Session, raw: Buffer, { name = '', text, variable }: Statement): Promise<void> {
  const prepared =
    text ?? (variable === undefined ? '' : ((await session.local.ask(query(`SELECT ${variable}`))).value ?? ''));
  if (isForwarding(session) && classify(prepared).kind === 'refused') return refuse(session, refusedByForwarding());
  const end = await relay(session, 'local', raw);
  if (end.errno !== undefined) return;
  session.named.set(name, prepared);
  addSetUp(session, raw.toString('latin1', 5));
}
