import { describe, expect, it } from '@jest/globals';
import { createSessions } from '../../../functions/db-processing/sessions.ts';
import type { StatementsInFlight } from '../../../functions/db-processing/statements-in-flight.ts';
import { createBatchWriter } from '../../../functions/db-processing/write-batches.ts';
import { ConfigurationError, TransientDatabaseError } from '../../../functions/shared/errors.ts';
import type { Session } from '../../../functions/shared/mysql.ts';
import { toServiceError } from '../../../functions/shared/mysql-errors.ts';

const limits = { attempts: 4, firstPauseMs: 1, maxPauseMs: 2 };
const plenty = () => 60_000;
const errno = (number: number) => toServiceError(Object.assign(new Error('from the server'), { errno: number }));

/** Opens sessions that do nothing and keeps what became of them. */
function opening(fail: (opened: number) => Error | undefined = () => undefined) {
  const seen = { opened: 0, closed: 0, refused: 0 };
  const openSession = async (): Promise<Session> => {
    const error = fail(seen.opened);
    if (error) {
      seen.refused += 1;
      throw error;
    }
    seen.opened += 1;
    return {
      role: 'primary',
      run: async () => undefined as never,
      close: async () => {
        seen.closed += 1;
      },
    };
  };
  return { openSession, seen };
}

/** Work that fails with these errors first. */
const failing =
  (...errors: Error[]) =>
  async (): Promise<string> => {
    const error = errors.shift();
    if (error) throw error;
    return 'result';
  };
const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the sessions of an invocation', () => {
  it('are opened when there is work for them, one statement each at a time, and are all closed', async () => {
    const { openSession, seen } = opening();
    const sessions = createSessions(openSession, 3, plenty, limits);
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await tick();
      running -= 1;
    };
    await sessions.use(work);
    expect(seen.opened).toBe(1);
    await Promise.all(Array.from({ length: 20 }, () => sessions.use(work)));
    expect([most, seen.opened]).toEqual([3, 3]);
    await sessions.close();
    expect(seen.closed).toBe(3);
  });

  it('are closed also where one is still being opened for work, before the invocation ends', async () => {
    const { openSession, seen } = opening();
    const openSlowly = async () => {
      await tick();
      return openSession();
    };
    const sessions = createSessions(openSlowly, 3, plenty, limits);
    const work = sessions.use(tick).catch(() => {});
    await sessions.close();
    expect(seen.opened).toBe(1);
    expect(seen.closed).toBeGreaterThanOrEqual(1);
    await work;
  });

  it('repeat a statement that met a deadlock on the same session', async () => {
    const { openSession, seen } = opening();
    const sessions = createSessions(openSession, 1, plenty, limits);
    expect(await sessions.use(failing(errno(1213), errno(1205)))).toBe('result');
    expect(seen).toMatchObject({ opened: 1, closed: 0 });
  });

  it('are opened again after a lost connection and after a role change', async () => {
    const { openSession, seen } = opening();
    const sessions = createSessions(openSession, 1, plenty, limits);
    const lost = toServiceError(Object.assign(new Error('lost'), { code: 'PROTOCOL_CONNECTION_LOST' }));
    expect(await sessions.use(failing(lost, errno(1290)))).toBe('result');
    expect(seen).toMatchObject({ opened: 3, closed: 2 });
  });

  it('give up on what passes after the attempts, and say so with a transient error', async () => {
    const sessions = createSessions(opening().openSession, 1, plenty, limits);
    const always = async () => {
      throw errno(1213);
    };
    await expect(sessions.use(always)).rejects.toThrow(TransientDatabaseError);
    await expect(sessions.use(always)).rejects.toThrow(/4 attempts/);
  });

  it('give up when the invocation has no time left for another attempt', async () => {
    const sessions = createSessions(opening().openSession, 1, () => 1_000, limits);
    await expect(sessions.use(failing(errno(1213)))).rejects.toThrow(/1 attempts/);
  });

  it('do not repeat what no repetition heals, and leave no waiting work behind', async () => {
    const { openSession, seen } = opening();
    const sessions = createSessions(openSession, 1, plenty, limits);
    const [first, second] = await Promise.allSettled([sessions.use(failing(errno(1235))), sessions.use(failing())]);
    expect((first as PromiseRejectedResult).reason).toBeInstanceOf(ConfigurationError);
    expect(second.status).toBe('fulfilled');
    await sessions.close();
    expect(seen.closed).toBe(seen.opened);
  });

  it('go on with fewer when the server has room for no more', async () => {
    const { openSession, seen } = opening((opened) => (opened >= 2 ? errno(1040) : undefined));
    const sessions = createSessions(openSession, 8, plenty, limits);
    const results = await Promise.all(
      Array.from({ length: 40 }, () => sessions.use(async () => tick().then(() => 'done'))),
    );
    expect(results).toEqual(Array(40).fill('done'));
    expect(seen.opened).toBe(2);
    expect(seen.refused).toBeLessThan(10);
  });

  it.each([1, 2, 4])(
    'finish every statement where the writer takes %i forwarded sessions of the 6 that are wanted',
    async (cap) => {
      let forwarded = 0;
      let most = 0;
      // As with write forwarding: log-in works, and the first forwarded statement is refused.
      const openSession = async (): Promise<Session> => {
        let isForwarded = false;
        return {
          role: 'secondary',
          run: async () => {
            await tick();
            if (!isForwarded && forwarded >= cap) throw errno(1040);
            if (!isForwarded) forwarded += 1;
            isForwarded = true;
            most = Math.max(most, forwarded);
            return undefined as never;
          },
          close: async () => {
            if (isForwarded) forwarded -= 1;
            isForwarded = false;
          },
        };
      };
      const invocations = Array.from({ length: 3 }, async () => {
        const sessions = createSessions(openSession, 6, plenty, { ...limits, maxPauseMs: 20 });
        const statements = Array.from({ length: 60 }, () => sessions.use((session) => session.run('', 1)));
        await Promise.all(statements).finally(() => sessions.close());
      });
      await Promise.all(invocations);
      expect(most).toBe(cap);
      expect(forwarded).toBe(0);
    },
  );

  it('wait for room at the server for as long as there is time, and say then why they gave up', async () => {
    // A clock that continues by 5 ms each time that it is asked: on a busy machine two attempts can take all of the time.
    let leftMs = 2_100;
    const remainingMs = () => {
      leftMs -= 5;
      return leftMs;
    };
    const sessions = createSessions(opening().openSession, 2, remainingMs, limits);
    await expect(sessions.use(() => Promise.reject(errno(1040)))).rejects.toThrow(
      /gave up after \d{2,} attempts: too many connections/,
    );
    await sessions.close();
  });

  it('end the work that is waiting when they are closed', async () => {
    const { openSession, seen } = opening();
    const sessions = createSessions(openSession, 1, plenty, limits);
    const first = sessions.use(tick);
    const second = sessions.use(tick);
    await Promise.resolve();
    await sessions.close();
    await expect(second).rejects.toThrow(TransientDatabaseError);
    await first;
    expect(seen.closed).toBeGreaterThanOrEqual(seen.opened);
  });
});

const atMost = (limit: number): StatementsInFlight => ({
  limit: () => limit,
  reached: () => {},
  answered: () => {},
});

describe('batches on their way', () => {
  const batch = { insert: Buffer.alloc(0), rows: 10 };

  it('are never more than the sessions, and what they inserted adds up', async () => {
    let running = 0;
    let most = 0;
    const writer = createBatchWriter(async () => {
      running += 1;
      most = Math.max(most, running);
      await tick();
      running -= 1;
      return 7;
    }, atMost(2));
    for (let i = 0; i < 6; i += 1) await writer.write(batch);
    expect(await writer.finish()).toEqual({ inserted: 42, alreadyPresent: 18 });
    expect(most).toBe(2);
  });

  it('stop at the first that fails', async () => {
    let calls = 0;
    const writer = createBatchWriter(async () => {
      calls += 1;
      await tick();
      throw errno(1142);
    }, atMost(2));
    await writer.write(batch);
    await writer.write(batch);
    await expect(writer.write(batch)).rejects.toThrow(ConfigurationError);
    await expect(writer.finish()).rejects.toThrow(ConfigurationError);
    expect(calls).toBe(2);
  });
});
