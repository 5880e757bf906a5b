// MiniStack with its extension, over TLS, on Docker's bridge: the tests and the functions' containers reach it at one address.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeCertificates } from '../../local/database/certificates.ts';
import type { Programs } from './can-run.ts';

export const account = '111122223333';
/** In the directory of the emulator: the endpoints that clusters get, by Region. It is read when a cluster is made. */
export const endpointsFile = 'database-endpoints.json';
const imagePrefix = 'book-reviews-cloud';
const officialImage = 'public.ecr.aws/lambda/nodejs:24';

export interface Emulator {
  endpoint: string;
  /** File with the authority of the emulator's certificate, and all others that this machine trusts. */
  authoritiesFile: string;
  authority: string;
  /** Of the account's root user. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  logFile: string;
  stop(): Promise<void>;
}

export async function startEmulator(programs: Programs, address: string, directory: string): Promise<Emulator> {
  await buildImage(programs, directory);
  const { certificateAuthority, server } = await makeCertificates([address]);
  const file = (name: string) => join(directory, name);
  await writeFile(file('authority.pem'), certificateAuthority);
  await writeFile(file('authorities.pem'), `${await trustedAuthorities()}\n${certificateAuthority}`);
  await writeFile(file('server.pem'), server.cert + certificateAuthority);
  await writeFile(file('server.key'), server.key, { mode: 0o600 });

  const port = await choosePort(address, directory);
  const credentials = { accessKeyId: 'root-of-the-emulator', secretAccessKey: 'not-a-secret' };
  const logFile = file('ministack.log');
  const log = await open(logFile, 'w');
  const child = spawn(programs.python, [join(import.meta.dirname, 'ministack/launch.py')], {
    cwd: directory,
    // The extension ends MiniStack when this pipe closes, so a test run that is killed leaves nothing behind.
    stdio: ['pipe', log.fd, log.fd],
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      MINISTACK_ACCOUNT_ID: account,
      MINISTACK_REGION: 'us-east-1',
      MINISTACK_HOST: address,
      BIND_HOST: address,
      GATEWAY_PORT: String(port),
      // What the functions' clients get. It is an address, since with a name they would ask for BUCKET.NAME.
      AWS_ENDPOINT_URL: `https://${address}:${port}`,
      USE_SSL: '1',
      MINISTACK_SSL_CERT: file('server.pem'),
      MINISTACK_SSL_KEY: file('server.key'),
      EMULATOR_CA: file('authority.pem'),
      DATABASE_ENDPOINTS: file(endpointsFile),
      AUTH: 'true',
      LAMBDA_EXECUTOR: 'docker',
      LAMBDA_STRICT: '1',
      LAMBDA_ACCOUNT_CONCURRENCY: '1000',
      MINISTACK_IMAGE_PREFIX: imagePrefix,
      // The database's certificate has this name.
      LAMBDA_DOCKER_FLAGS: `--add-host host.docker.internal:${address}`,
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    },
  });
  await log.close();
  const endpoint = `https://${address}:${port}`;
  await healthy(endpoint, certificateAuthority, child, logFile);
  return {
    endpoint,
    authoritiesFile: file('authorities.pem'),
    authority: certificateAuthority,
    credentials,
    logFile,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** MiniStack starts functions in this image: a runtime with the interface emulator as its entry point, as Amazon's image has. */
async function buildImage({ lambdaImage, runtimeEmulator }: Programs, directory: string): Promise<void> {
  const docker = (...args: string[]) => promisify(execFile)('docker', args);
  const name = `${imagePrefix}/${officialImage}`;
  if (lambdaImage.startsWith('public.ecr.aws/')) {
    await docker('tag', lambdaImage, name);
    return;
  }
  const context = join(directory, 'image');
  await mkdir(context, { recursive: true });
  await copyFile(runtimeEmulator, join(context, 'aws-lambda-rie'));
  await writeFile(
    join(context, 'lambda-entrypoint.sh'),
    '#!/bin/sh\nexport _HANDLER="$1"\nexec /usr/local/bin/aws-lambda-rie --log-level warn /var/runtime/bootstrap "$1"\n',
    { mode: 0o755 },
  );
  await writeFile(
    join(context, 'Dockerfile'),
    `FROM ${lambdaImage}
COPY aws-lambda-rie /usr/local/bin/aws-lambda-rie
COPY lambda-entrypoint.sh /lambda-entrypoint.sh
RUN ["/bin/chmod", "755", "/usr/local/bin/aws-lambda-rie"]
ENV TZ=:UTC LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime
ENTRYPOINT ["/lambda-entrypoint.sh"]
`,
  );
  await docker('build', '--quiet', '--tag', name, context);
}

/** Programs that trust the file must still reach package registries. */
async function trustedAuthorities(): Promise<string> {
  const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE } = process.env;
  for (const path of [NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, '/etc/ssl/certs/ca-certificates.crt', '/etc/ssl/cert.pem']) {
    const text = path && (await readFile(path, 'utf8').catch(() => undefined));
    if (text) return text;
  }
  return '';
}

/**
 * A directory has the same port each time, where it is free. MiniStack removes containers that an earlier run left behind only if
 * that run had the same address.
 */
async function choosePort(host: string, directory: string): Promise<number> {
  const preferred = 20_000 + (createHash('sha256').update(directory).digest().readUInt16BE() % 10_000);
  return (await listenOnce(host, preferred)) ?? (await listenOnce(host, 0)) ?? 0;
}

async function listenOnce(host: string, wanted: number): Promise<number | undefined> {
  const server = createServer().listen(wanted, host);
  try {
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}

async function healthy(endpoint: string, ca: string, child: ChildProcess, logFile: string): Promise<void> {
  const agent = new Agent({ ca });
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const request = get(`${endpoint}/_ministack/health`, { agent }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.on('error', () => resolve(false));
    });
  const deadline = Date.now() + 60_000;
  while (!(await answers())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(
        `MiniStack does not start: ${(await readFile(logFile, 'utf8')).slice(-2000)} (${dirname(logFile)})`,
      );
    }
    await sleep(100);
  }
}
