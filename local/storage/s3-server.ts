// The S3 of one Region: the embedded server by default, or any other by the SDK's standard endpoint variables.
import { fork } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface S3Access {
  endpoint: string;
  credentials: Credentials;
}

export interface S3Server extends S3Access {
  /** Calls `listener` after an object was (or may have been) put, with the request's path: `/bucket/key` and a query. */
  onPut(listener: (path: string) => void): void;
  stop(): Promise<void>;
}

const mainFile = fileURLToPath(new URL('./s3-server-main.ts', import.meta.url));

/** Starts the embedded server on 127.0.0.1, in a separate process. @throws {Error} e.g. when the port is taken. */
export async function startS3Server(port: number): Promise<S3Server> {
  // Detached: a new process group, which Ctrl-C in the terminal does not reach; `stop` ends it, or its parent's end.
  const child = fork(mainFile, [String(port)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const answer = await Promise.race([
    new Promise<{ port?: number; error?: string }>((resolve) =>
      child.once('message', (m) => resolve(m as { port: number })),
    ),
    exited.then(() => ({ port: undefined, error: 'it ended before it listened' })),
  ]);
  if (answer.port === undefined) {
    child.kill('SIGKILL');
    throw new Error(`the embedded S3 server did not start on port ${port}: ${answer.error}`);
  }
  return {
    endpoint: `http://127.0.0.1:${answer.port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    onPut: (listener) => void child.on('message', (message) => listener((message as { path: string }).path)),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/**
 * The server that AWS_ENDPOINT_URL_S3 names, with the environment's credentials; undefined if it is not set.
 * A host name becomes an IP address (http only): then every client takes path-style addresses by itself, the functions' too.
 *
 * @throws {Error} if the endpoint comes without credentials
 */
export async function s3FromEnvironment(environment: NodeJS.ProcessEnv): Promise<S3Access | undefined> {
  const { AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (!AWS_ENDPOINT_URL_S3) return undefined;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error('AWS_ENDPOINT_URL_S3 is set, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not');
  }
  const url = new URL(AWS_ENDPOINT_URL_S3);
  if (url.protocol === 'http:') url.hostname = (await lookup(url.hostname, 4)).address;
  return {
    endpoint: url.href.replace(/\/$/, ''),
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    },
  };
}

/**
 * The simulation's own client. Path-style, because a bucket is no host name of a server here. It sends no checksum, as most upload tools
 * do; S3 then computes its own. The SDK marks the credentials that it is given, so it gets a copy.
 */
export const s3ClientFor = ({ endpoint, credentials }: S3Access, region: string) =>
  new S3Client({
    endpoint,
    credentials: { ...credentials },
    region,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });

export async function createBucketIfMissing(client: S3Client, bucket: string): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  }
}
