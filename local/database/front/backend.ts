// A session's connection to a MySQL server. It has the client's capability flags, character set and database, so that the
// server's answers can be passed on unchanged. It takes one command at a time.
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { createDelayLine } from '../delay-line.ts';
import { logIn } from './backend-login.ts';
import type { Login } from './handshake.ts';
import {
  createResponseReader,
  firstValue,
  type ResponseEnd,
  type ResponseOptions,
  type ResponseReader,
} from './response.ts';
import type { Address } from './settings.ts';
import { command, frame, queryCommand, status } from './wire.ts';

export interface Backend {
  /** From the last response. */
  statusFlags(): number;
  inTransaction(): boolean;
  /** Passes a command on and its response back, each half of `roundTripMs` later. Rejects when the connection is lost. */
  relay(
    raw: Buffer,
    options: ResponseOptions & { roundTripMs: number },
    pass: (bytes: Buffer) => void,
  ): Promise<ResponseEnd>;
  /** A question of the proxy. @returns the end of the response and the first value of its first row. */
  ask(
    sql: string | Buffer,
    roundTripMs?: number,
    onOk?: ResponseOptions['onOk'],
  ): Promise<ResponseEnd & { value?: string }>;
  /** For commands without a response. */
  send(raw: Buffer): void;
  pause(): void;
  resume(): void;
  close(): void;
}

/**
 * @param onLost called when the connection ends without `close`.
 * @throws {LoginRefusedError} if the server refused. Other errors if the server could not be reached.
 */
export async function openBackend(address: Address, login: Login, onLost: () => void): Promise<Backend> {
  const socket = connect(address);
  socket.setNoDelay(true);
  const greetingStatus = await logIn(socket, login);
  return createBackend(socket, greetingStatus, onLost);
}

interface Exchange {
  reader: ResponseReader;
  pass: (bytes: Buffer) => void;
  resolve: (end: ResponseEnd) => void;
  reject: (error: Error) => void;
}

function createBackend(socket: Socket, greetingStatus: number, onLost: () => void): Backend {
  let flags = greetingStatus;
  let exchange: Exchange | undefined;
  let oneWayMs = 0;
  let closed = false;
  const outbound = createDelayLine<Buffer>(
    () => oneWayMs,
    (raw) => void socket.write(raw),
  );
  const inbound = createDelayLine<{ pass: Buffer[]; end?: ResponseEnd }>(
    () => oneWayMs,
    ({ pass, end }) => {
      const current = exchange;
      if (current === undefined) return;
      for (const bytes of pass) current.pass(bytes);
      if (end === undefined) return;
      if (end.statusFlags !== undefined) flags = end.statusFlags;
      exchange = undefined;
      current.resolve(end);
    },
  );

  socket.on('data', (chunk: Buffer) => {
    if (exchange !== undefined) inbound.push(exchange.reader.read(chunk));
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    outbound.clear();
    inbound.clear();
    const current = exchange;
    exchange = undefined;
    current?.reject(new Error('connection to the server lost'));
    if (!closed) onLost();
  });
  socket.resume();

  const backend: Backend = {
    statusFlags: () => flags,
    inTransaction: () => (flags & status.inTransaction) !== 0,
    relay(raw, { roundTripMs, ...options }, pass) {
      return new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('connection to the server lost'));
        oneWayMs = roundTripMs / 2;
        exchange = { reader: createResponseReader(options), pass, resolve, reject };
        outbound.push(raw);
      });
    },
    async ask(sql, roundTripMs = 0, onOk) {
      const parts: Buffer[] = [];
      const raw = typeof sql === 'string' ? queryCommand(sql) : sql;
      const code = raw[4] ?? command.query;
      const options = { code, untracked: false, roundTripMs, ...(onOk === undefined ? {} : { onOk }) };
      const end = await backend.relay(raw, options, (bytes) => void parts.push(bytes));
      if (code !== command.query || end.errno !== undefined) return end;
      const value = firstValue(splitPackets(Buffer.concat(parts)));
      return value === undefined ? end : { ...end, value };
    },
    send: (raw) => void socket.write(raw),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      closed = true;
      // After COM_QUIT, a server rolls back at once. If the connection only ends, this may take longer.
      if (!socket.destroyed) socket.end(frame(0, Buffer.from([command.quit])));
      socket.destroySoon();
    },
  };
  return backend;
}

function splitPackets(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const next = at + 4 + bytes.readUIntLE(at, 3);
    packets.push(bytes.subarray(at, next));
    at = next;
  }
  return packets;
}
