// A server that greets like MySQL and breaks the connection when the client begins TLS, as a server does that is on its way down.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { TransientDatabaseError } from '../../functions/shared/errors.ts';
import { createSessionOpener } from '../../functions/shared/mysql.ts';
import { adviceFor } from '../../functions/shared/mysql-errors.ts';
import { authPlugin, capability, frame } from '../../local/database/front/wire.ts';

const flags = capability.protocol41 | capability.ssl | capability.secureConnection | capability.pluginAuth;
/** Protocol version, server version, connection id, and what a log-in needs. */
const greeting = Buffer.concat([
  Buffer.from('\x0a8.0.0\0\x01\0\0\0', 'latin1'),
  Buffer.from('12345678\0', 'latin1'),
  Buffer.from([flags & 0xff, (flags >> 8) & 0xff, 255, 2, 0, (flags >> 16) & 0xff, (flags >> 24) & 0xff, 21]),
  Buffer.alloc(10),
  Buffer.from(`123456789012\0${authPlugin}\0`, 'latin1'),
]);

it.each<[string, (socket: Socket) => void]>([
  ['reset', (socket) => socket.resetAndDestroy()],
  ['closed', (socket) => socket.destroy()],
])(
  'a connection that is %s during the TLS handshake is one that broke, and no wrong certificate',
  async (_how, end) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => end(socket));
      socket.write(frame(0, greeting));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = async () => ({ username: 'u', password: 'p' });
    const open = createSessionOpener(
      { database: 'd', writerEndpoint: endpoint, readerEndpoint: endpoint, caPem: '' },
      { read: credentials, renew: credentials },
    );
    const error = await open().catch((reason: unknown) => reason);
    server.close();
    expect(error).toBeInstanceOf(TransientDatabaseError);
    expect(adviceFor(error)).toBe('reopen');
  },
);
