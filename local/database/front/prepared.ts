// Prepared statements of the binary protocol on a secondary. The client gets an id of the proxy. The statement is prepared on the
// server where it must run. If that place changes, it is prepared again: for a read inside of a forwarded transaction, or for a write
// that was prepared before forwarding was switched on.
import { Buffer } from 'node:buffer';
import { classify, type StatementKind } from './classify.ts';
import { afterForwarded, awaitWrites, joinTransaction, latin1, reachPrimary } from './forwarding.ts';
import { payloadOf } from './packets.ts';
import type { Place, PreparedStatement } from './prepared-statement.ts';
import { readPrepared } from './response.ts';
import { isForwarding, refuse, relay, reply, type Session } from './session.ts';
import { readSet, refusedByForwarding, rewriteShowVariables, rewriteVariables } from './session-variables.ts';
import { onQuery } from './statements.ts';
import { command, errorPayload, frameCommand, queryCommand } from './wire.ts';

/** Kinds without rows that the proxy acts on. A prepared one runs as text, and the answer has the same form. */
const asText = new Set<StatementKind>(['begin', 'commit', 'rollback', 'set', 'use']);

export async function onPrepared(session: Session, raw: Buffer): Promise<unknown> {
  if (raw[4] === command.prepare) return prepare(session, raw);
  const id = raw.readUInt32LE(5);
  const statement = session.statements.get(id);
  if (statement === undefined) {
    const silent = raw[4] === command.longData || raw[4] === command.closeStatement;
    if (silent) return;
    return reply(
      session,
      errorPayload(1243, 'HY000', `Unknown prepared statement handler (${id}) given to the server`),
    );
  }
  switch (raw[4]) {
    case command.closeStatement:
      session.statements.delete(id);
      if (statement.local !== undefined) session.local.send(withId(raw, statement.local));
      if (statement.primary !== undefined) session.primary?.send(withId(raw, statement.primary));
      return;
    case command.longData: {
      const place = placeOf(session, statement.kind);
      if (place === 'primary' && !(await reachPrimary(session))) return;
      if (!(await prepareAt(session, statement, place))) return;
      return session[place]?.send(withId(raw, statement[place] as number));
    }
    case command.execute:
      return execute(session, raw, statement);
    default: {
      const place = statement[statement.lastPlace] === undefined ? 'local' : statement.lastPlace;
      if (statement[place] === undefined) return refuse(session, refusedByForwarding());
      return relay(session, place, withId(raw, statement[place]));
    }
  }
}

/** The statement's id comes after the command's code. The proxy owns these bytes, so it changes them in place. */
function withId(raw: Buffer, id: number): Buffer {
  raw.writeUInt32LE(id, 5);
  return raw;
}

function placeOf(session: Session, kind: StatementKind): Place {
  if (!isForwarding(session)) return 'local';
  if (kind === 'write') return 'primary';
  if (kind === 'read' && session.primary?.inTransaction()) return 'primary';
  if (kind === 'diagnostics' && session.primary !== undefined) return session.last;
  return 'local';
}

function sentFor(kind: StatementKind, sql: string): string {
  if (kind === 'read') return rewriteVariables(sql);
  if (kind === 'set') return readSet(sql).sql;
  return kind === 'show-variables' ? rewriteShowVariables(sql) : sql;
}

async function prepare(session: Session, raw: Buffer): Promise<unknown> {
  const sql = payloadOf(raw).toString('latin1', 1);
  const { kind } = classify(sql);
  if (isForwarding(session) && kind === 'refused') return refuse(session, refusedByForwarding());
  const place = placeOf(session, kind);
  if (place === 'primary' && !(await reachPrimary(session))) return;
  const sent = sentFor(kind, sql);
  const id = session.nextStatement++;
  let shown: { id: number; parameters: number } | undefined;
  const end = await relay(session, place, queryCommand(latin1(sent), command.prepare), {
    onPrepared(payload) {
      shown = readPrepared(payload);
      const patched = Buffer.from(payload);
      patched.writeUInt32LE(id, 1);
      return patched;
    },
  });
  if (end.errno !== undefined || shown === undefined) return;
  session.statements.set(id, {
    kind,
    sql,
    sent,
    parameters: shown.parameters,
    [place]: shown.id,
    lastPlace: place,
    typed: new Set(),
  });
}

/** @returns false if the server refused the statement. The client then has the error. */
async function prepareAt(session: Session, statement: PreparedStatement, place: Place): Promise<boolean> {
  const backend = session[place];
  if (statement[place] !== undefined || backend === undefined) return backend !== undefined;
  let prepared: number | undefined;
  const end = await backend.relay(
    queryCommand(latin1(statement.sent), command.prepare),
    {
      code: command.prepare,
      untracked: false,
      roundTripMs: place === 'primary' ? session.settings().rttMs : 0,
      onPrepared(payload) {
        prepared = readPrepared(payload).id;
        return payload;
      },
    },
    () => {},
  );
  if (end.errno !== undefined) {
    reply(session, end.error as Buffer);
    return false;
  }
  statement.typed.delete(place);
  statement[place] = prepared as number;
  return true;
}

async function execute(session: Session, raw: Buffer, statement: PreparedStatement): Promise<unknown> {
  const { kind } = statement;
  if (session.cancelled) return onQuery(session, queryCommand('DO 0'));
  if (isForwarding(session) && kind === 'refused') return refuse(session, refusedByForwarding());
  if (asText.has(kind) && statement.parameters === 0) return onQuery(session, queryCommand(latin1(statement.sql)));
  const place = placeOf(session, kind);
  if (place === 'primary') {
    if (!(await reachPrimary(session))) return;
    await joinTransaction(session);
  } else if (isForwarding(session) && kind === 'read' && !(await awaitWrites(session))) return;
  if (!(await prepareAt(session, statement, place))) return;
  const typed = withTypes(raw, statement, place);
  statement.lastPlace = place;
  const end = await relay(session, place, withId(typed, statement[place] as number));
  if (place === 'primary') await afterForwarded(session, end);
}

/** Behind header, code, id, flags and iteration count: the NULL bitmap, then 1 and the types, or 0 where they were sent before. */
function withTypes(raw: Buffer, statement: PreparedStatement, place: Place): Buffer {
  if (statement.parameters === 0) return raw;
  const at = 14 + ((statement.parameters + 7) >> 3);
  const length = 2 * statement.parameters;
  if (raw[at] === 1) {
    statement.types = Buffer.from(raw.subarray(at + 1, at + 1 + length));
    statement.typed = new Set([place]);
    return raw;
  }
  if (statement.typed.has(place) || statement.types === undefined) return raw;
  statement.typed.add(place);
  const payload = payloadOf(raw);
  const parts = [payload.subarray(0, at - 4), Buffer.from([1]), statement.types, payload.subarray(at - 3)];
  return frameCommand(Buffer.concat(parts));
}
