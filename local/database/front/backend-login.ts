// Logs in to a server as the client that logged in to the proxy.
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { type Login, readPacket } from './handshake.ts';
import { payloadOf } from './packets.ts';
import { encryptedPassword, fastToken } from './scramble.ts';
import { authPlugin, backendCapabilities, capability, frame, lengthEncoded, readText } from './wire.ts';

/** A server refused the login. `payload` is its error packet. */
export class LoginRefusedError extends Error {
  override readonly name = 'LoginRefusedError';
  readonly payload: Buffer;
  constructor(payload: Buffer) {
    super(`server refused the login: ${payload.toString('utf8', 9)}`);
    this.payload = payload;
  }
}

/** @returns the server's status flags. */
export async function logIn(socket: Socket, login: Login): Promise<number> {
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

/** Answers the server's password check, up to its OK. A server that has not seen the password yet asks for the whole password. */
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
