import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError, TransientDatabaseError } from '../../functions/shared/errors.ts';
import { createSessionOpener } from '../../functions/shared/mysql.ts';
import { database, fixedCredentials, type MysqlServer, startMysql, user } from '../../local/database/single-server.ts';

let mysql: MysqlServer;
beforeAll(async () => {
  mysql = await startMysql();
});
afterAll(() => mysql?.stop());

const opener = (overrides: object = {}, credentials = fixedCredentials()) =>
  createSessionOpener(
    { database, writerEndpoint: mysql.endpoint, readerEndpoint: mysql.endpoint, caPem: mysql.caPem, ...overrides },
    credentials,
  );
const refusing = '127.0.0.1:1';

/** Accepts connections and says nothing, as a server behind a firewall seems to. */
async function silentServer(): Promise<{ endpoint: string; server: Server; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `127.0.0.1:${(server.address() as { port: number }).port}`,
    server,
    connections: () => connections,
  };
}

describe('a session', () => {
  it('has what the service relies on', async () => {
    const session = await opener()();
    const [set] = await session.run<Record<string, unknown>[]>(
      'SELECT @@sql_mode AS sqlMode, @@time_zone AS timeZone, @@transaction_isolation AS isolation_, @@character_set_client AS charset_',
      5_000,
    );
    expect(set).toMatchObject({ timeZone: '+00:00', isolation_: 'REPEATABLE-READ', charset_: 'utf8mb4' });
    expect(set?.sqlMode).toContain('STRICT_ALL_TABLES');
    expect(set?.sqlMode).not.toMatch(/NO_BACKSLASH_ESCAPES|ANSI_QUOTES/);
    const [tls] = await session.run<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Ssl_version'", 5_000);
    expect(tls?.Value).toMatch(/^TLSv1\.[23]$/);
    expect(session.role).toBe('primary');
    await session.close();
  });

  it('takes no second statement in a text', async () => {
    const session = await opener()();
    await expect(session.run('SELECT 1; SELECT 2', 5_000)).rejects.toThrow(ConfigurationError);
    await session.close();
  });

  it('is refused where the certificate is of another authority', async () => {
    // Amazon's own certificates, which did not sign the one of this server.
    await expect(opener({ caPem: '' })()).rejects.toThrow(ConfigurationError);
  });

  it('is refused where the certificate is for another host', async () => {
    const [, port] = mysql.endpoint.split(':');
    await expect(opener({ writerEndpoint: `ip6-localhost:${port}`, readerEndpoint: refusing })()).rejects.toThrow();
  });

  it('goes by the reader endpoint where the writer endpoint refuses or has no address', async () => {
    for (const writerEndpoint of [refusing, 'inactive.invalid:3306']) {
      const session = await opener({ writerEndpoint })();
      expect(session.role).toBe('primary');
      await session.close();
    }
  });

  it('goes by the reader endpoint where the writer endpoint is silent, and remembers it for the next', async () => {
    const { endpoint, server, connections } = await silentServer();
    const open = opener({ writerEndpoint: endpoint });
    await (await open()).close();
    const startedAt = Date.now();
    await (await open()).close();
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    expect(connections()).toBe(1);
    server.close();
  });

  it('reads the secret again when its password is refused, once', async () => {
    let renewed = 0;
    const rotated = (password: string) => ({
      read: async () => ({ ...user, password: 'old' }),
      renew: async () => {
        renewed += 1;
        return { ...user, password };
      },
    });
    await (await opener({}, rotated(user.password))()).close();
    expect(renewed).toBe(1);
    await expect(opener({}, rotated('wrong too'))()).rejects.toThrow(ConfigurationError);
    expect(renewed).toBe(2);
  });

  it('does not take a refused password for an inactive endpoint', async () => {
    const wrong = fixedCredentials({ ...user, password: 'wrong' });
    await expect(opener({ readerEndpoint: 'never.invalid' }, wrong)()).rejects.toThrow(/1045/);
  });

  it('is a matter of time where no endpoint answers', async () => {
    const error = await opener({ writerEndpoint: refusing, readerEndpoint: refusing })().catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TransientDatabaseError);
  });

  it('fails with a transient error when it is killed, and does not end the program when it is idle', async () => {
    const session = await opener()();
    const [row] = await session.run<{ id: number }[]>('SELECT CONNECTION_ID() AS id', 5_000);
    const sleeping = session.run('SELECT SLEEP(5)', 10_000);
    await Promise.all([expect(sleeping).rejects.toThrow(TransientDatabaseError), mysql.query(`KILL ${row?.id}`)]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(session.run('SELECT 1', 5_000)).rejects.toThrow(TransientDatabaseError);
    await session.close();
  });

  it('does not wait longer than it was told to', async () => {
    const session = await opener()();
    await expect(session.run('SELECT SLEEP(5)', 100)).rejects.toThrow(/not answered in time/);
    await session.close();
  });
});
