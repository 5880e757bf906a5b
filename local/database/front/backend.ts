// A session's own connection to a MySQL server, opened with the client's capability flags, character set and database,
// so that what the server answers can be passed on as it is. One command at a time.
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { createDelayLine } from '../delay-line.ts';
import { type Login, readPacket } from './handshake.ts';
import { payloadOf } from './packets.ts';
import {
  createResponseReader,
  firstValue,
  type ResponseEnd,
  type ResponseOptions,
  type ResponseReader,
} from './response.ts';
import { encryptedPassword, fastToken } from './scramble.ts';
import type { Address } from './settings.ts';
import {
  authPlugin,
  backendCapabilities,
  capability,
  command,
  frame,
  lengthEncoded,
  queryCommand,
  readText,
  status,
} from './wire.ts';

/** A server refused the login; `payload` is its error packet. */
export class LoginRefusedError extends Error {
  override readonly name = 'LoginRefusedError';
  readonly payload: Buffer;
  constructor(payload: Buffer) {
    super(`server refused the login: ${payload.toString('utf8', 9)}`);
    this.payload = payload;
  }
}

export interface Backend {
  /** As the last response told it. */
  statusFlags(): number;
  inTransaction(): boolean;
  /** Passes a command on and its response back, each half of `roundTripMs` later. Rejects when the connection is lost. */
  relay(
    raw: Buffer,
    options: ResponseOptions & { roundTripMs: number },
    pass: (bytes: Buffer) => void,
  ): Promise<ResponseEnd>;
  /** The front's own question; @returns the end of the response and the first value of its first row. */
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
 * @throws {LoginRefusedError} the server's own refusal; other errors: it could not be reached.
 */
export async function openBackend(address: Address, login: Login, onLost: () => void): Promise<Backend> {
  const socket = connect(address);
  socket.setNoDelay(true);
  const greetingStatus = await logIn(socket, login);
  return createBackend(socket, greetingStatus, onLost);
}

async function logIn(socket: Socket, login: Login): Promise<number> {
  const greeting = payloadOf(await readPacket(socket));
  if (greeting[0] === 0xff) throw new LoginRefusedError(greeting);
  const [, at] = readText(greeting, 1);
  const nonce = Buffer.concat([greeting.subarray(at + 4, at + 12), greeting.subarray(at + 31, at + 43)]);
  const flags = backendCapabilities(login.flags) | (login.database === undefined ? 0 : capability.connectWithDatabase);
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(flags >>> 0, 0);
  fixed.writeUInt32LE(0x40000000, 4); // a packet of up to 1 GiB; the server's own limit is below
  fixed[8] = login.charset;
  socket.write(
    frame(
      1,
      Buffer.concat([
        fixed,
        Buffer.from(`${login.user}\0`),
        lengthEncoded(fastToken(login.password, nonce)),
        ...(login.database === undefined ? [] : [Buffer.from(`${login.database}\0`)]),
        Buffer.from(`${authPlugin}\0`),
      ]),
    ),
  );
  return authenticate(socket, login.password, nonce);
}

/** The server's side of the password check, up to its OK. A server that has not seen the password yet asks for it in full. */
async function authenticate(socket: Socket, password: string, greetingNonce: Buffer): Promise<number> {
  let nonce = greetingNonce;
  for (;;) {
    const raw = await readPacket(socket);
    const payload = payloadOf(raw);
    const answer = (bytes: Buffer) => socket.write(frame((raw[3] as number) + 1, bytes));
    if (payload[0] === 0x00) return payload.readUInt16LE(3);
    if (payload[0] === 0xff) {
      socket.destroy();
      throw new LoginRefusedError(payload);
    }
    if (payload[0] === 0xfe) {
      nonce = Buffer.from(payload.subarray(payload.indexOf(0) + 1, payload.indexOf(0) + 21));
      answer(fastToken(password, nonce));
    } else if (payload[0] === 0x01 && payload[1] === 0x04) answer(Buffer.from([0x02]));
    else if (payload[0] === 0x01 && payload.length > 2) {
      answer(encryptedPassword(password, nonce, payload.toString('latin1', 1)));
    }
  }
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
      // A server that is told rolls back at once; one that only sees the connection end may take its time.
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
