// Logs a client in: greeting, TLS if the client asks for it, and the password check.
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { createPacketReader, payloadOf } from './packets.ts';
import { provesPassword } from './scramble.ts';
import {
  authPlugin,
  capability,
  errorPayload,
  frame,
  offeredCapabilities,
  readBytes,
  readText,
  status,
} from './wire.ts';

export interface Login {
  user: string;
  password: string;
  flags: number;
  charset: number;
  database?: string;
}

export interface LoggedIn {
  login: Login;
  /** The socket to continue with: the TLS socket if the client asked for it. It is paused, and nothing listens on it. */
  socket: Socket;
  /** Sequence id for the packet that ends the login: OK, or why not. */
  sequence: number;
  nonce: Buffer;
}

const sslRequestLength = 36;

/** 20 bytes without NUL: some clients take the nonce for a text. */
const makeNonce = () => Buffer.from(randomBytes(20).map((byte) => (byte % 127) + 1));

function greeting(serverVersion: string, connectionId: number, nonce: Buffer): Buffer {
  const fixed = Buffer.alloc(18);
  fixed.writeUInt16LE(offeredCapabilities & 0xffff, 0);
  fixed[2] = 255; // utf8mb4_0900_ai_ci
  fixed.writeUInt16LE(status.autocommit, 3);
  fixed.writeUInt16LE(offeredCapabilities >>> 16, 5);
  fixed[7] = nonce.length + 1;
  const id = Buffer.alloc(4);
  id.writeUInt32LE(connectionId);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${serverVersion}\0`),
    id,
    nonce.subarray(0, 8),
    Buffer.from([0]),
    fixed,
    nonce.subarray(8),
    Buffer.from([0]),
    Buffer.from(`${authPlugin}\0`),
  ]);
}

/** @returns the client's answer to a greeting. Its token proves the password only where it used the plugin of that name. */
function readAnswer(payload: Buffer) {
  const flags = payload.readUInt32LE(0);
  let [user, at] = readText(payload, 32);
  let token: Buffer;
  if ((flags & capability.lengthEncodedAuth) !== 0) [token, at] = readBytes(payload, at);
  else {
    const length = payload[at] ?? 0;
    token = payload.subarray(at + 1, at + 1 + length);
    at += 1 + length;
  }
  let database: string | undefined;
  if ((flags & capability.connectWithDatabase) !== 0) [database, at] = readText(payload, at);
  const plugin = (flags & capability.pluginAuth) !== 0 ? readText(payload, at)[0] : '';
  return { flags, charset: payload[8] as number, user, token, plugin, ...(database ? { database } : {}) };
}

/** @returns the next packet. Rejects if the socket ends first. Bytes after the packet stay on the socket. */
export function readPacket(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      socket.off('data', read).off('close', fail).off('error', fail);
      socket.pause();
    };
    const fail = () => {
      stop();
      reject(new Error('connection lost during the handshake'));
    };
    let taken = 0;
    let seen = 0;
    let packet: Buffer | undefined;
    const cut = createPacketReader((raw) => {
      if (packet !== undefined) return;
      packet = raw;
      taken = raw.length;
    });
    const read = (chunk: Buffer) => {
      seen += chunk.length;
      cut(chunk);
      if (packet === undefined) return;
      stop();
      const rest = seen - taken;
      if (rest > 0) socket.unshift(chunk.subarray(chunk.length - rest));
      resolve(packet);
    };
    socket.on('data', read).on('close', fail).on('error', fail);
    socket.resume();
  });
}

/** The first four bytes of a packet give its length. TLS bytes follow an SSL request, and they are no packets. */
async function readAnswerOrTls(socket: Socket, context: SecureContext): Promise<{ socket: Socket; answer: Buffer }> {
  const first = await readPacket(socket);
  if (first.length !== sslRequestLength || (first.readUInt32LE(4) & capability.ssl) === 0)
    return { socket, answer: first };
  const secured = new TLSSocket(socket, { isServer: true, secureContext: context });
  secured.on('error', () => {});
  return { socket: secured, answer: await readPacket(secured) };
}

export interface HandshakeOptions {
  serverVersion: string;
  connectionId: number;
  secureContext: SecureContext;
  users: () => Record<string, string>;
}

/** @returns the login, or nothing if it was refused. The client already knows then. */
export async function shakeHands(plain: Socket, options: HandshakeOptions): Promise<LoggedIn | undefined> {
  const nonce = makeNonce();
  plain.write(frame(0, greeting(options.serverVersion, options.connectionId, nonce)));
  const { socket, answer: raw } = await readAnswerOrTls(plain, options.secureContext);
  const answer = readAnswer(payloadOf(raw));
  const { token, sequence } = await tokenOf(socket, answer, (raw[3] as number) + 1, nonce, () => readPacket(socket));
  const password = options.users()[answer.user];
  if (password === undefined || !provesPassword(token, password, nonce)) {
    refuse(socket, sequence, answer.user, token.length > 0);
    return undefined;
  }
  socket.write(frame(sequence, Buffer.from([0x01, 0x03])));
  const { flags, charset, user, database } = answer;
  const login: Login = { user, password, flags, charset, ...(database === undefined ? {} : { database }) };
  return { login, socket, sequence: sequence + 1, nonce };
}

/** If a client began with another plugin's token, ask for a token of this plugin. */
async function tokenOf(
  socket: Socket,
  answer: { token: Buffer; plugin: string },
  sequence: number,
  nonce: Buffer,
  next: () => Promise<Buffer>,
) {
  if (answer.plugin === authPlugin) return { token: answer.token, sequence };
  socket.write(
    frame(sequence, Buffer.concat([Buffer.from([0xfe]), Buffer.from(`${authPlugin}\0`), nonce, Buffer.from([0])])),
  );
  const raw = await next();
  return { token: payloadOf(raw), sequence: (raw[3] as number) + 1 };
}

function refuse(socket: Socket, sequence: number, user: string, withPassword: boolean) {
  const message = `Access denied for user '${user}'@'127.0.0.1' (using password: ${withPassword ? 'YES' : 'NO'})`;
  socket.end(frame(sequence, errorPayload(1045, '28000', message)));
}

/**
 * COM_CHANGE_USER: `user\0 token-length token database\0 charset(2) plugin\0 ...`; answered like a login.
 * @param next gives the client's next packet, where one more is needed.
 */
export async function changeUser(
  socket: Socket,
  raw: Buffer,
  nonce: Buffer,
  before: Login,
  users: Record<string, string>,
  next: () => Promise<Buffer>,
): Promise<{ login: Login; sequence: number } | undefined> {
  const payload = payloadOf(raw);
  const [user, atToken] = readText(payload, 1);
  const length = payload[atToken] ?? 0;
  const [database, atCharset] = readText(payload, atToken + 1 + length);
  const charset = payload.length > atCharset + 1 ? payload.readUInt16LE(atCharset) & 0xff : before.charset;
  const [plugin] = readText(payload, atCharset + 2);
  const given = { token: payload.subarray(atToken + 1, atToken + 1 + length), plugin };
  const { token, sequence } = await tokenOf(socket, given, 1, nonce, next);
  const password = users[user];
  if (password === undefined || !provesPassword(token, password, nonce)) {
    refuse(socket, sequence, user, token.length > 0);
    return undefined;
  }
  socket.write(frame(sequence, Buffer.from([0x01, 0x03])));
  const { database: _, ...kept } = before;
  return { login: { ...kept, user, password, charset, ...(database ? { database } : {}) }, sequence: sequence + 1 };
}
