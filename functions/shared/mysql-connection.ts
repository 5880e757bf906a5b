// One connection to MySQL: what the driver is told, and a statement that ends in time however the connection ends.
import { createConnection, type SslOptions } from 'mysql2';
import type { Credentials } from './database-credentials.ts';
import { type Statement, statementSender } from './mysql-statement.ts';

export interface ConnectionTarget {
  host: string;
  port: number;
  database: string;
  ssl: SslOptions;
  /** For the network, TLS and the log-in together. */
  connectMs: number;
}

export interface MysqlConnection {
  /** @throws the driver's own errors, for the caller to look at */
  send<Result>(sql: string | Statement, timeoutMs: number): Promise<Result>;
  /** Never throws. What still runs is given a second and then fails as on a lost connection. */
  close(): Promise<void>;
}

const closeMs = 1_000;

/** The driver has one code for all that ends a TLS handshake: a certificate that is refused, and a connection that broke. */
const brokeInHandshake = ({ code, syscall, message }: NodeJS.ErrnoException) =>
  code === 'HANDSHAKE_SSL_ERROR' && (syscall !== undefined || message.includes('disconnected before secure'));

/** @throws the driver's own errors */
export async function connect(target: ConnectionTarget, { username, password }: Credentials): Promise<MysqlConnection> {
  const { host, port, database, ssl, connectMs } = target;
  const connection = createConnection({
    host,
    port,
    database,
    ssl,
    connectTimeout: connectMs,
    user: username,
    password,
    charset: 'UTF8MB4_0900_AI_CI',
    // Without FOUND_ROWS, affectedRows of a no-op upsert tells an inserted row (1) from one that was there (0).
    flags: ['-FOUND_ROWS', '-LOCAL_FILES'],
    multipleStatements: false,
    supportBigNumbers: true,
    // None is prepared, but the driver makes room for 16,000: half a megabyte of garbage a connection.
    maxPreparedStatements: 1,
    // Statements are complete as they are; the driver's search for placeholders would read each batch once more.
    queryFormat: (sql: string) => sql,
  });
  // An error between statements has no one to go to and would end the sandbox; the next statement meets it anyway.
  connection.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    connection.once('connect', () => resolve());
    connection.once('error', reject);
  }).catch((error) => {
    connection.destroy();
    throw brokeInHandshake(error) ? Object.assign(error, { code: 'ECONNRESET' }) : error;
  });

  const query = statementSender(connection);
  // A destroyed connection forgets the statement that ran on it; this lets it fail.
  let fail: ((code: string) => void) | undefined;
  const destroy = (code: string) => {
    connection.destroy();
    fail?.(code);
  };
  return {
    send: <Result>(sql: string | Statement, timeoutMs: number) =>
      new Promise<Result>((resolve, reject) => {
        const settle = () => {
          clearTimeout(timer);
          fail = undefined;
        };
        // The driver has a time-out too, but leaves its timer running when the connection breaks. The connection goes,
        // since an answer that came later would be taken for that to another statement.
        const timer = setTimeout(() => destroy('PROTOCOL_SEQUENCE_TIMEOUT'), timeoutMs);
        fail = (code) => {
          settle();
          reject(Object.assign(new Error('the connection was given up'), { code }));
        };
        query(sql, (error, result) => {
          settle();
          if (error) reject(error);
          else resolve(result as Result);
        });
      }),
    close: async () => {
      // A goodbye lets the server free the session at once, and a forwarded one too.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, closeMs);
        connection.end(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      destroy('PROTOCOL_CONNECTION_LOST');
    },
  };
}
