// The embedded S3 server: fauxqs, with what S3 does and it does not. In a separate process for the local Regions, in a test's own
// process for tests.
import type { Server } from 'node:http';
import { buildApp, S3Store } from 'fauxqs';
import { type Crc64, crc64Base64, createCrc64 } from '../../functions/shared/crc64/crc64.ts';
import { refusalOf } from './conditions.ts';
import { deleteEach } from './delete-objects.ts';

/** Its own limit on a body is 11 MiB, S3's limit on one PUT is 5 GiB. */
const mostBodyBytes = 5 * 1024 ** 3;
/** An answer within the server is a text as well, and those have a limit of 512 MiB. */
const partBytes = 64 * 1024 ** 2;
const checksumHeaders = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'].map((name) => `x-amz-checksum-${name}`);

/** What the hook below uses of Fastify's request and reply. */
interface Asked {
  method: string;
  url: string;
  headers: Record<string, unknown>;
  body: unknown;
}
interface Answered {
  statusCode: number;
  hasHeader(name: string): boolean;
  getHeader(name: string): unknown;
  header(name: string, value: string): unknown;
}

interface Replying {
  code(status: number): this;
  header(name: string, value: string): this;
  send(body: string): unknown;
}

const refusals = {
  404: '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>',
  412: '<Error><Code>PreconditionFailed</Code><Message>A condition of the request fails.</Message></Error>',
};

/** An upload whose body is the object: no copy, no part, no body in signed pieces. */
const isPlainUpload = ({ method, url, headers, body }: Asked) =>
  method === 'PUT' &&
  Buffer.isBuffer(body) &&
  !url.includes('?partNumber=') &&
  !url.includes('&partNumber=') &&
  headers['x-amz-copy-source'] === undefined &&
  headers['x-amz-decoded-content-length'] === undefined;

export function createS3App(): ReturnType<typeof buildApp> {
  const store = new S3Store();
  const app = buildApp({ logger: false, stores: { s3Store: store } as never });
  app.removeContentTypeParser('*');
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: mostBodyBytes },
    (_request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
  );

  // An object that was uploaded without a checksum has the CRC64NVME of its content, and S3 tells it where a HEAD or a GET asks.
  // The ETag is a hash of the content, so copies of an object share the entry of the first one.
  const checksums = new Map<string, string>();
  const keep = (etag: unknown, crc: Crc64) => {
    const checksum = crc64Base64(crc.hex());
    checksums.set(String(etag), checksum);
    return checksum;
  };
  const checksumOfStored = async (url: string, sizeBytes: number) => {
    const crc = createCrc64();
    for (let at = 0; at < sizeBytes; at += partBytes) {
      const range = `bytes=${at}-${Math.min(sizeBytes, at + partBytes) - 1}`;
      crc.add((await app.inject({ method: 'GET', url, headers: { range } })).rawPayload);
    }
    return crc;
  };
  // The store is asked itself. Another request within the server would cost more than the request does.
  const etagOf = (path: string) => {
    const [bucket = ''] = path.split('/', 1);
    try {
      return store.headObject(bucket, path.slice(bucket.length + 1)).etag;
    } catch {
      return null;
    }
  };
  app.addHook('preHandler', async (request: Asked, reply: Replying) => {
    const status = refusalOf(request, etagOf);
    if (status !== null) return reply.code(status).header('content-type', 'application/xml').send(refusals[status]);
    const isDeletion = request.method === 'POST' && /\?(.*&)?delete(=|&|$)/.test(request.url);
    if (!isDeletion) return undefined;
    const bucket = request.url.split(/[/?]/)[1] ?? '';
    const remove = (key: string) => store.deleteObject(bucket, key);
    const answer = deleteEach(String(request.body), bucket, { etagOf, remove });
    return answer === null ? undefined : reply.code(200).header('content-type', 'application/xml').send(answer);
  });
  app.addHook('onSend', async (request: Asked, reply: Answered, payload: unknown) => {
    if (reply.statusCode !== 200) return payload;
    const etag = reply.getHeader('etag');
    if (isPlainUpload(request) && etag !== undefined) {
      const crc = createCrc64();
      crc.add(request.body as Buffer);
      keep(etag, crc);
    }
    const asks = ['HEAD', 'GET'].includes(request.method) && request.headers['x-amz-checksum-mode'] !== undefined;
    if (!asks || checksumHeaders.some((name) => reply.hasHeader(name))) return payload;
    const checksum =
      checksums.get(String(etag)) ??
      keep(etag, await checksumOfStored(request.url, Number(reply.getHeader('content-length'))));
    reply.header('x-amz-checksum-crc64nvme', checksum);
    reply.header('x-amz-checksum-type', 'FULL_OBJECT');
    return payload;
  });
  return app;
}

/** The HTTP server behind it. */
export const httpServerOf = (app: ReturnType<typeof createS3App>): Server => app.server;
