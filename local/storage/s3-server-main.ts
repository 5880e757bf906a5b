// The embedded S3 server of one Region, as a separate process. Argument: the port (0: a free one).
// Sends over IPC its port when it listens, and the path of each new object. Ends with its parent.
import { createS3App, httpServerOf } from './s3-app.ts';

process.on('disconnect', () => process.exit(0));

const [port = '0'] = process.argv.slice(2);
const app = createS3App();
const server = httpServerOf(app);
// A POST ends an upload in parts.
server.on('request', ({ method, url: path = '' }, response) => {
  if (method === 'PUT' || method === 'POST') response.once('finish', () => process.send?.({ path }));
});
try {
  await app.listen({ host: '127.0.0.1', port: Number(port) });
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
} catch (error) {
  process.send?.({ error: (error as Error).message });
}
