// A MySQL server in a container, with TLS that can be verified, for tests. Its own, so that each test file has its tables.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { GenericContainer } from 'testcontainers';
import type { CredentialSource } from '../../functions/shared/database-credentials.ts';
import { createSessionOpener, type Session } from '../../functions/shared/mysql.ts';

const image = process.env.MYSQL_IMAGE || 'book-reviews-local/debian-mysql:9.7';
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
  const certificates = makeCertificates();
  const container = await new GenericContainer(image)
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
    ])
    .withTmpFs({ '/var/lib/mysql': 'rw' })
    .withExposedPorts(3306)
    .start();
  const port = container.getMappedPort(3306);
  const caPem = certificates['ca.pem'];
  const root = await connectWhenReady(port);
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
      await root.end();
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

/** An authority of its own and a certificate for 127.0.0.1 and localhost. */
function makeCertificates(): Record<'ca.pem' | 'server.pem' | 'server-key.pem', string> {
  const directory = mkdtempSync(join(tmpdir(), 'mysql-tls-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'ca-key.pem',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=Test authority',
      '-days',
      '30',
    );
    openssl('req', ...key, '-keyout', 'server-key.pem', '-out', 'server.csr', '-subj', '/CN=localhost');
    writeFileSync(join(directory, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-extfile', 'names', '-days', '30'];
    openssl('x509', '-req', '-in', 'server.csr', ...authority, '-out', 'server.pem');
    const read = (name: string) => readFileSync(join(directory, name), 'utf8');
    return { 'ca.pem': read('ca.pem'), 'server.pem': read('server.pem'), 'server-key.pem': read('server-key.pem') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
