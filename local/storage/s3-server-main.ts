// Runs in a process of its own: the embedded S3 server of one Region. Argument: the port (0: a free one).
// Tells over IPC the port when it listens, and the path of each object that was put; ends with its parent.
import type { Server } from 'node:http';
import { buildApp } from 'fauxqs';

process.on('disconnect', () => process.exit(0));

const [port = '0'] = process.argv.slice(2);
const server = buildApp({ logger: false });
// The server's own limit on a body is 11 MiB, S3's on one PUT is 5 GiB.
server.removeContentTypeParser('*');
server.addContentTypeParser(
  '*',
  { parseAs: 'buffer', bodyLimit: 5 * 1024 ** 3 },
  (_request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
);
// POST: the end of an upload in parts.
(server.server as Server).on('request', ({ method, url: path = '' }, response) => {
  if (method === 'PUT' || method === 'POST') response.once('finish', () => process.send?.({ path }));
});
try {
  await server.listen({ host: '127.0.0.1', port: Number(port) });
  const address = server.server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
} catch (error) {
  process.send?.({ error: (error as Error).message });
}
