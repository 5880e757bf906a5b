// The parts of the MySQL client/server protocol that the proxy reads or writes. All integers are little-endian.
import { Buffer } from 'node:buffer';

export const capability = {
  longPassword: 1 << 0,
  foundRows: 1 << 1,
  longFlag: 1 << 2,
  connectWithDatabase: 1 << 3,
  ignoreSpace: 1 << 8,
  protocol41: 1 << 9,
  interactive: 1 << 10,
  ssl: 1 << 11,
  transactions: 1 << 13,
  reserved: 1 << 14,
  secureConnection: 1 << 15,
  multiResults: 1 << 17,
  preparedMultiResults: 1 << 18,
  pluginAuth: 1 << 19,
  connectAttributes: 1 << 20,
  lengthEncodedAuth: 1 << 21,
  expiredPasswords: 1 << 22,
  sessionTrack: 1 << 23,
} as const;

/**
 * What the front offers. Not in it: compression (frames would be opaque), LOCAL INFILE (a conversation inside of a
 * response), DEPRECATE_EOF and OPTIONAL_METADATA (the end of a response could not be told from frame headers),
 * QUERY_ATTRIBUTES (they stand before the SQL), MULTI_STATEMENTS (one statement would have to go two ways), MFA.
 */
export const offeredCapabilities = Object.values(capability).reduce((all, flag) => all | flag, 0);

/** Flags that the proxy must not pass on to a session's servers, because it uses plain TCP there and sends no attributes. */
const ownBusiness = capability.ssl | capability.connectAttributes;
/** Flags that the proxy needs on its servers, even if the client lacks them. */
const needed =
  capability.protocol41 |
  capability.secureConnection |
  capability.pluginAuth |
  capability.lengthEncodedAuth |
  capability.sessionTrack;

export const backendCapabilities = (clientFlags: number) =>
  (clientFlags & offeredCapabilities & ~ownBusiness & ~capability.connectWithDatabase) | needed;

export const status = {
  inTransaction: 0x0001,
  autocommit: 0x0002,
  moreResults: 0x0008,
  cursorExists: 0x0040,
  inReadOnlyTransaction: 0x2000,
  sessionStateChanged: 0x4000,
} as const;

export const command = {
  quit: 0x01,
  initDb: 0x02,
  query: 0x03,
  fieldList: 0x04,
  statistics: 0x09,
  debug: 0x0d,
  ping: 0x0e,
  changeUser: 0x11,
  prepare: 0x16,
  execute: 0x17,
  longData: 0x18,
  closeStatement: 0x19,
  resetStatement: 0x1a,
  setOption: 0x1b,
  fetch: 0x1c,
  resetConnection: 0x1f,
} as const;

export const authPlugin = 'caching_sha2_password';

/** One frame around a payload below 16 MiB. */
export function frame(sequence: number, payload: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(4 + payload.length);
  framed.writeUIntLE(payload.length, 0, 3);
  framed[3] = sequence & 0xff;
  payload.copy(framed, 4);
  return framed;
}

/** A whole command, in as many frames as it needs. */
export function frameCommand(payload: Buffer): Buffer {
  const frames: Buffer[] = [];
  let at = 0;
  let sequence = 0;
  for (;;) {
    const part = payload.subarray(at, at + 0xffffff);
    frames.push(frame(sequence++, part));
    at += part.length;
    if (part.length < 0xffffff) return Buffer.concat(frames);
  }
}

export const queryCommand = (sql: string | Buffer, code: number = command.query) =>
  frameCommand(Buffer.concat([Buffer.from([code]), typeof sql === 'string' ? Buffer.from(sql) : sql]));

export function errorPayload(errno: number, sqlState: string, message: string): Buffer {
  const head = Buffer.from([0xff, errno & 0xff, errno >> 8]);
  return Buffer.concat([head, Buffer.from(`#${sqlState}${message}`)]);
}

export function okPayload(statusFlags: number): Buffer {
  return Buffer.from([0x00, 0, 0, statusFlags & 0xff, statusFlags >> 8, 0, 0]);
}

/** @returns the value and the offset after it. A value beyond 2^53 loses its lowest digits. The proxy needs no such value. */
export function readLength(buffer: Buffer, at: number): [value: number, next: number] {
  const first = buffer[at] ?? 0;
  if (first < 0xfb) return [first, at + 1];
  if (first === 0xfc) return [buffer.readUInt16LE(at + 1), at + 3];
  if (first === 0xfd) return [buffer.readUIntLE(at + 1, 3), at + 4];
  return [Number(buffer.readBigUInt64LE(at + 1)), at + 9];
}

/** Length-encoded bytes. @returns the bytes and the offset after them. */
export function readBytes(buffer: Buffer, at: number): [bytes: Buffer, next: number] {
  const [length, start] = readLength(buffer, at);
  return [buffer.subarray(start, start + length), start + length];
}

/** Bytes up to a NUL. @returns the text and the offset after the NUL. */
export function readText(buffer: Buffer, at: number): [text: string, next: number] {
  const end = buffer.indexOf(0, at);
  if (end < 0) return [buffer.toString('utf8', at), buffer.length];
  return [buffer.toString('utf8', at, end), end + 1];
}

export function lengthEncoded(bytes: Buffer): Buffer {
  if (bytes.length < 0xfb) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const head = Buffer.from([0xfc, bytes.length & 0xff, bytes.length >> 8]);
  return Buffer.concat([head, bytes]);
}
