// One MySQL server in a container, with TLS that clients can verify, for tests and the benchmark. Each caller gets a new one.
import { type AddressInfo, createServer } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import type { CredentialSource } from '../../functions/shared/database-credentials.ts';
import { createSessionOpener, type Session } from '../../functions/shared/mysql.ts';
import { makeCertificates } from './certificates.ts';
import { findMysqlImage } from './image.ts';
import { startContainer } from './start-container.ts';

const rootPassword = 'root-password';

export const database = 'book_reviews';
export const user = { username: 'application', password: "pass'word" };

export interface MysqlServer {
  /** `host:port`. */
  endpoint: string;
  caPem: string;
  /** A session as the product opens it. */
  openSession: () => Promise<Session>;
  /** Runs SQL as root and returns the rows, with text, JSON and big numbers as they are. */
  query<Row>(sql: string): Promise<Row[]>;
  stop(): Promise<void>;
}

export const fixedCredentials = (credentials = user): CredentialSource => ({
  read: async () => credentials,
  renew: async () => credentials,
});

export async function startMysql(...mysqldArguments: string[]): Promise<MysqlServer> {
  const request = (await mysqlContainer(...mysqldArguments)).withTmpFs({ '/var/lib/mysql': 'rw' });
  return serverOf(await startContainer(request.withExposedPorts(3306)));
}

/** As above, with its data on disk and a fixed port. So it can be killed and started again. */
export async function startDurableMysql(): Promise<MysqlServer & { crash(): Promise<void>; restart(): Promise<void> }> {
  const host = await freePort();
  const request = await mysqlContainer('--innodb-flush-log-at-trx-commit=1');
  const container = await request.withExposedPorts({ container: 3306, host }).start();
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const handle = dockerode.getContainer(container.getId());
  return {
    ...(await serverOf(container)),
    crash: async () => void (await handle.kill({ signal: 'SIGKILL' })),
    restart: async () => void (await handle.start()),
  };
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

let authority: Awaited<ReturnType<typeof makeCertificates>> | undefined;

async function mysqlContainer(...mysqldArguments: string[]): Promise<GenericContainer> {
  authority ??= await makeCertificates();
  const { certificateAuthority: caPem, server } = authority;
  const certificates = { 'ca.pem': caPem, 'server.pem': server.cert, 'server-key.pem': server.key };
  return new GenericContainer(await findMysqlImage())
    .withEnvironment({
      MYSQL_ROOT_PASSWORD: rootPassword,
      MYSQL_DATABASE: database,
      MYSQL_USER: user.username,
      MYSQL_PASSWORD: user.password,
    })
    .withCopyContentToContainer(
      Object.entries(certificates).map(([name, content]) => ({
        content,
        target: `/etc/mysql-tls/${name}`,
        mode: 0o644,
      })),
    )
    .withCommand([
      'mysqld',
      '--ssl-ca=/etc/mysql-tls/ca.pem',
      '--ssl-cert=/etc/mysql-tls/server.pem',
      '--ssl-key=/etc/mysql-tls/server-key.pem',
      '--skip-name-resolve',
      '--mysqlx=OFF',
      '--disable-log-bin',
      '--innodb-flush-log-at-trx-commit=2',
      ...mysqldArguments,
    ]);
}

async function serverOf(container: StartedTestContainer): Promise<MysqlServer> {
  const caPem = authority?.certificateAuthority ?? '';
  const port = container.getMappedPort(3306);
  const root = await connectWhenReady(port);
  // It ends when the server is killed.
  root.on('error', () => {});
  const endpoint = `127.0.0.1:${port}`;
  return {
    endpoint,
    caPem,
    openSession: createSessionOpener(
      { database, writerEndpoint: endpoint, readerEndpoint: endpoint, caPem },
      fixedCredentials(),
    ),
    query: async <Row>(sql: string) => (await root.query(sql))[0] as Row[],
    stop: async () => {
      root.destroy();
      await container.stop({ timeout: 0 });
    },
  };
}

async function connectWhenReady(port: number) {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    try {
      return await createConnection({
        host: '127.0.0.1',
        port,
        user: 'root',
        password: rootPassword,
        database,
        charset: 'UTF8MB4_0900_AI_CI',
        supportBigNumbers: true,
        jsonStrings: true,
        multipleStatements: true,
      });
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
