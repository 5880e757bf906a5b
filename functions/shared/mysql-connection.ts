// One connection to MySQL: the driver's options, and statements that end in time even if the connection breaks.
import { createConnection, type SslOptions } from 'mysql2';
import type { Credentials } from './database-credentials.ts';
import { clientError } from './mysql-errors.ts';
import { type Statement, statementSender } from './mysql-statement.ts';

export interface ConnectionTarget {
  host: string;
  port: number;
  database: string;
  ssl: SslOptions;
  /** Time for the network, TLS and the log-in together. */
  connectMs: number;
}

export interface MysqlConnection {
  /** @throws the driver's errors, for the caller to look at */
  send<Result>(sql: string | Statement, timeoutMs: number): Promise<Result>;
  /** Never throws. A running statement gets one second and then fails as on a lost connection. */
  close(): Promise<void>;
}

const closeMs = 1_000;

/** The driver has one code for every end of a TLS handshake: a refused certificate, or a broken connection. */
const brokeInHandshake = ({ code, syscall, message }: NodeJS.ErrnoException) =>
  code === clientError.tlsHandshake && (syscall !== undefined || message.includes('disconnected before secure'));

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
    // Without FOUND_ROWS, affectedRows of a no-op upsert is 1 for an inserted row and 0 for an existing row.
    flags: ['-FOUND_ROWS', '-LOCAL_FILES'],
    multipleStatements: false,
    supportBigNumbers: true,
    // We prepare no statement. By default the driver makes room for 16,000, half a megabyte of garbage per connection.
    maxPreparedStatements: 1,
    // Statements are already complete. The driver's search for placeholders would read each batch once more.
    queryFormat: (sql: string) => sql,
  });
  // Nobody handles an error between statements, so it would end the sandbox. The next statement meets it anyway.
  connection.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    connection.once('connect', () => resolve());
    connection.once('error', reject);
  }).catch((error) => {
    connection.destroy();
    throw brokeInHandshake(error) ? Object.assign(error, { code: clientError.connectionReset }) : error;
  });

  const query = statementSender(connection);
  // A destroyed connection forgets its running statement. This makes the statement fail.
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
        // The driver has a time-out too, but leaves its timer running when the connection breaks. Close the connection,
        // because a late answer would look like the answer to another statement.
        const timer = setTimeout(() => destroy(clientError.noAnswerInTime), timeoutMs);
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
      // COM_QUIT lets the server free the session at once, also a forwarded one.
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, closeMs);
        connection.end(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      destroy(clientError.connectionLost);
    },
  };
}
