// The sessions of one invocation. They are opened when there is work, and each runs one statement at a time. This file also decides
// what follows when one fails. It uses no driver pool, because a session must be set up before use, and a pool's hook cannot be awaited.
import { TransientDatabaseError } from '../shared/errors.ts';
import type { Session } from '../shared/mysql.ts';
import { adviceFor } from '../shared/mysql-errors.ts';

export interface RetryLimits {
  attempts: number;
  /** The longest pause after the first failed attempt. It doubles each time, up to `maxPauseMs`. The pause is a random part of it. */
  firstPauseMs: number;
  maxPauseMs: number;
}

export const defaultRetryLimits: RetryLimits = { attempts: 8, firstPauseMs: 100, maxPauseMs: 5_000 };
/** Do not begin an attempt with less time than this. */
const leastAttemptMs = 2_000;

export interface Sessions {
  /**
   * Runs `work` on the next idle session. After a transient failure it repeats `work`, if necessary on a new session, so `work`
   * must be safe to repeat. If the server has no room for the session, this is not a failure: the work waits while there is time.
   * @throws {TransientDatabaseError} when attempts or time run out. {ConfigurationError} and others at once
   */
  use<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  /** All open and idle sessions. */
  idle(): readonly Session[];
  /** Closes all sessions. After an error elsewhere, this may also stop running statements, because they may be repeated. */
  close(): Promise<void>;
}

export function createSessions(
  openSession: () => Promise<Session>,
  connections: number,
  remainingMs: () => number,
  limits: RetryLimits = defaultRetryLimits,
): Sessions {
  const pool = createPool(openSession, connections);
  return {
    async use(work) {
      let failures = 0;
      let pauses = 0;
      for (;;) {
        let session: Session | undefined;
        try {
          session = await pool.acquire();
          const result = await work(session);
          pool.release(session);
          return result;
        } catch (error) {
          const advice = adviceFor(error);
          if (session) {
            if (advice === 'repeat') pool.release(session);
            else await pool.discard(session, error);
          }
          const closed = pool.isClosed();
          if (advice === 'fail' || closed) throw error;
          if (advice !== 'fewer') failures += 1;
          const pauseMs = Math.random() * Math.min(limits.maxPauseMs, limits.firstPauseMs * 2 ** pauses);
          pauses += 1;
          if (failures >= limits.attempts || remainingMs() < pauseMs + leastAttemptMs) {
            throw new TransientDatabaseError(`gave up after ${pauses} attempts: ${(error as Error).message}`, {
              cause: error,
            });
          }
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
      }
    },
    idle: pool.idle,
    close: pool.close,
  };
}

/** Hands out the sessions. Opens at most `connections`, and fewer if the server has no room for them. */
function createPool(openSession: () => Promise<Session>, connections: number) {
  let limit = connections;
  /** Sessions that are open or being opened. */
  let open = 0;
  const opener = createOpener(openSession);
  const idle: Session[] = [];
  /** Each waiter gets a session, or null if it may open one. The first to wait is served first, or its work would starve. */
  const waiting: ((session: Session | null) => void)[] = [];
  const openOne = async (): Promise<Session> => {
    try {
      return await opener.open();
    } catch (error) {
      leave(error);
      throw error;
    }
  };
  const acquire = async (): Promise<Session> => {
    const mayGoOn = () => {
      if (opener.isClosed()) throw new TransientDatabaseError('the invocation ends');
    };
    mayGoOn();
    const session = idle.pop();
    if (session !== undefined) return session;
    if (open < limit) {
      open += 1;
      return openOne();
    }
    const next = await new Promise<Session | null>((resolve) => waiting.push(resolve));
    mayGoOn();
    return next ?? openOne();
  };
  const release = (session: Session) => {
    const next = waiting.shift();
    if (next) next(session);
    else idle.push(session);
  };
  /** One session less is open. If the server has no room for it, the other sessions of this invocation do the work. */
  const leave = (error: unknown) => {
    open -= 1;
    if (adviceFor(error) === 'fewer') limit = Math.max(1, Math.min(limit, open));
    const next = open < limit ? waiting.shift() : undefined;
    if (next) {
      open += 1;
      next(null);
    }
  };
  const discard = async (session: Session, error: unknown) => {
    leave(error);
    await opener.discard(session);
  };

  return {
    acquire,
    release,
    discard,
    isClosed: opener.isClosed,
    idle: () => idle,
    close: () =>
      opener.close(() => {
        for (const wake of waiting.splice(0)) wake(null);
      }),
  };
}

/** Opens sessions, and knows all that are open or being opened. */
function createOpener(openSession: () => Promise<Session>) {
  let closed = false;
  const established = new Set<Session>();
  const openings = new Set<Promise<unknown>>();
  return {
    async open(): Promise<Session> {
      const opening = openSession();
      openings.add(opening);
      try {
        const session = await opening;
        established.add(session);
        if (closed) await session.close();
        return session;
      } finally {
        openings.delete(opening);
      }
    },
    async discard(session: Session): Promise<void> {
      established.delete(session);
      await session.close();
    },
    isClosed: () => closed,
    /** Closes all sessions, and those that are being opened. `wakeWaiting` runs in between, when nobody can get a session. */
    async close(wakeWaiting: () => void): Promise<void> {
      closed = true;
      wakeWaiting();
      await Promise.allSettled(openings);
      await Promise.all([...established].map((session) => session.close()));
    },
  };
}
